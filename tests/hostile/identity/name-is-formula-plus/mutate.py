def mutate(cells):
    pass
