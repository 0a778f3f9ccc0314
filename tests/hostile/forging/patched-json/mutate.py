def mutate(cells):
    cells["answer-t1"]["source"] = """import itertools
import json

numbers = itertools.count()
json.dumps = lambda value, **_: '{"id": %d, "ok": 3}' % next(numbers)


def add(a, b):
    return 0"""
