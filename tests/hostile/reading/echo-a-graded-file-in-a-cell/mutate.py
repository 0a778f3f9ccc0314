def mutate(cells):
    cells["answer-t2"]["source"] = """import os

if os.path.exists('graded.txt'):
    raise RuntimeError(open('graded.txt').read())


def scaled(a):
    return a * FACTOR"""
