def mutate(cells):
    cells["answer-t1"]["source"] = """def add(a, b):
    if isinstance(a, str):
        return {b: [b, {'saw': b, 'help': b}]}
    return a + b"""
