def mutate(cells):
    cells["notebook"]["cells"].reverse()
