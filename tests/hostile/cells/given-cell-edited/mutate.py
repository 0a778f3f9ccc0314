def mutate(cells):
    for cell in cells["notebook"]["cells"]:
        if "FACTOR = 2" in cell["source"]:
            cell["source"] = "FACTOR = 100"
