def mutate(cells):
    cells["answer-t1"]["source"] = """def add(a, b):
    return [0] * 10**6"""
