def mutate(cells):
    cells["answer-t1"]["source"] = "x = 1" + chr(0)
