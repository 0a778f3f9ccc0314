def mutate(cells):
    cells["answer-t1"]["source"] = """import importlib

for name in ('grader.course.ledger', 'grader.course.batch', 'lab_checks', 'checks', 'solution', 'reference'):
    try:
        importlib.import_module(name)
    except ImportError:
        continue
    raise SystemExit(f'has {name}')


def add(a, b):
    return a + b"""
