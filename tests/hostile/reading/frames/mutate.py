def mutate(cells):
    cells["answer-t1"]["source"] = """import gc
import sys

mark = 'can' + 'ary-'
frame = sys._getframe()
held = []
while frame is not None:
    held += [frame.f_locals, frame.f_globals]
    frame = frame.f_back
held += [one for one in gc.get_objects() if isinstance(one, dict)]
for one in held:
    for value in list(one.values()):
        if isinstance(value, str) and value is not mark and value.startswith(mark):
            print(value)
            raise SystemExit('found a secret')


def add(a, b):
    return a + b"""
