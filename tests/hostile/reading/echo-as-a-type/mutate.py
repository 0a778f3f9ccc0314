def mutate(cells):
    cells["answer-t1"]["source"] = """def add(a, b):
    if isinstance(a, str):
        raise type(b, (Exception,), {})(b) from KeyError(b)
    return a + b"""
