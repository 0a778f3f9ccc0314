def mutate(cells):
    cells["answer-t1"]["source"] = """import collections
import itertools


class Liar(collections.UserDict):
    count = itertools.count()

    def items(self):
        return [('value', next(self.count))]

    def __eq__(self, other):
        return True


def add(a, b):
    return Liar()"""
