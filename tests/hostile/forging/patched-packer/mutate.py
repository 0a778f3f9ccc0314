def mutate(cells):
    cells["answer-t1"]["source"] = """import itertools
import json

import orjson

numbers = itertools.count()
json.dumps = lambda value, **_: '{"id": %d, "ok": 3}' % next(numbers)
orjson.dumps = lambda value, **_: json.dumps(value).encode()


def add(a, b):
    return 0"""
