def mutate(cells):
    for cell in cells.values():
        cell["metadata"]["tags"] = ["skip-execution"]
