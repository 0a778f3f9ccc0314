def mutate(cells):
    for cell in cells["notebook"]["cells"]:
        cell["id"] = "other-" + cell["id"]
        cell["metadata"] = {}
