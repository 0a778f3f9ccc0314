def mutate(cells):
    cells["answer-t1"]["source"] = """for _ in range(20):
    print('x' * 10**6)


def add(a, b):
    return a + b"""
