def mutate(cells):
    cells["answer-t1"]["source"] = """def add(a, b):
    return add(a, b)


try:
    add(1, 2)
except RecursionError:
    raise RecursionError('no end') from None"""
