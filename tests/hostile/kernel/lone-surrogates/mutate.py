def mutate(cells):
    cells["answer-t1"]["source"] = r"""half = '\udc80'
print(ascii(half))


def add(a, b):
    return a + b"""
