def mutate(cells):
    cells["answer-t1"]["source"] = """def add(a, b):
    return a + b


import builtins

builtins.__import__ = None"""
