def mutate(cells):
    cells["answer-t1"]["source"] += "\n# " + chr(0xD800)
