def mutate(cells):
    for cell in cells["notebook"]["cells"]:
        cell.pop("id", None)
    cells["notebook"]["nbformat_minor"] = 4
