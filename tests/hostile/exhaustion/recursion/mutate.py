def mutate(cells):
    cells["answer-t1"]["source"] = """def add(a, b):
    return add(a, b)


add(1, 2)
del add"""
