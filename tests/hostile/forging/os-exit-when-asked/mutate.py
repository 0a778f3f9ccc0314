def mutate(cells):
    cells["answer-t1"]["source"] = """import os


def add(a, b):
    os._exit(0)"""
