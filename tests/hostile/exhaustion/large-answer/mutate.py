def mutate(cells):
    cells["answer-t1"]["source"] = """def add(a, b):
    return 'x' * 10**8"""
