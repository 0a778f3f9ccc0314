def mutate(cells):
    cells["notebook"]["cells"].clear()
