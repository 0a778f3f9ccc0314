def mutate(cells):
    cells["answer-t1"]["source"] = """password = input('password: ')


def add(a, b):
    return a + b"""
