def mutate(cells):
    cells["answer-t1"]["source"] = "def add(a, b):\n    return 3"
    cells["answer-t2"]["source"] = "def scaled(a):\n    return 8"
