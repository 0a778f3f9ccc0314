def mutate(cells):
    cells["answer-t1"]["source"] = """import numpy


def add(a, b):
    return numpy.arange(2000)"""
