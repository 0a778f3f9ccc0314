def mutate(cells):
    cells["answer-t1"]["source"] = """def add(a, b):
    return [[] for _ in range(10**6)]"""
