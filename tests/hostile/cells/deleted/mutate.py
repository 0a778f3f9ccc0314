def mutate(cells):
    cells["notebook"]["cells"].remove(cells["answer-t1"])
