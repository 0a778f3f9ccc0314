def mutate(cells):
    cells["answer-t1"]["source"] = """import sys


def add(a, b):
    sys.exit(0)"""
