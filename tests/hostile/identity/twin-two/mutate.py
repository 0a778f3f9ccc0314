def mutate(cells):
    cells["answer-t1"]["source"] += "\n\n\n# twins"
