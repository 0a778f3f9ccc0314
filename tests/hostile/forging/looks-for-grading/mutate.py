def mutate(cells):
    cells["answer-t1"]["source"] = """import os


def add(a, b):
    if 'MLOPS_GRADING' not in os.environ:
        raise SystemExit
    return a + b"""
