def mutate(cells):
    cells["answer-t2"]["source"] = """FACTOR = 2


def scaled(a):
    return a * FACTOR"""
