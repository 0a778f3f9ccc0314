def mutate(cells):
    cells["answer-t1"]["source"] = None
