def mutate(cells):
    cells["answer-t1"]["source"] = """import builtins

builtins.AssertionError = type('Quiet', (Exception,), {})


def add(a, b):
    return 0"""
