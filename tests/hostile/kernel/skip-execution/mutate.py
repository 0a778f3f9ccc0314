def mutate(cells):
    cells["answer-t1"]["source"] = "def add(a, b):\n    return 0"
    for cell in cells.values():
        cell["metadata"]["tags"] = ["skip-execution"]
