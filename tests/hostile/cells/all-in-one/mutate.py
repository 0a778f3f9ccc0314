def mutate(cells):
    cells["answer-t1"]["source"] += "\n\n\n" + cells["answer-t2"]["source"]
    cells["notebook"]["cells"].remove(cells["answer-t2"])
