def mutate(cells):
    cells["answer-t1"]["source"] = """def add(a, b):
    return float('nan')"""
