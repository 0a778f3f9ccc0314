def mutate(cells):
    cells["answer-t1"]["cell_type"] = ["code"]
