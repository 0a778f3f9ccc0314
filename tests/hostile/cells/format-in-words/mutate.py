def mutate(cells):
    cells["notebook"]["nbformat"] = "4"
