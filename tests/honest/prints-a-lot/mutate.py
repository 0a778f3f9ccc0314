def mutate(cells):
    cells["answer-t1"]["source"] = """for line in range(20000):
    print('line', line, 'x' * 200)


def add(a, b):
    print('adding ' * 100000)
    return a + b"""
