def mutate(cells):
    cells["answer-t1"]["source"] = """import sys


def add(a, b):
    if isinstance(a, str):
        sys.exit(b)
    return a + b"""
