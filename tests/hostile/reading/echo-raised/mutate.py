def mutate(cells):
    cells["answer-t1"]["source"] = """def add(a, b):
    if isinstance(a, str):
        raise ValueError(b)
    return a + b"""
