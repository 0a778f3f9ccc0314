def mutate(cells):
    cells["answer-t1"]["source"] = """import os

for line in open('/proc/net/unix').read().splitlines()[1:]:
    path = line.split()[-1]
    if path.startswith(('/', '@')) and not path.startswith(('/work', '/tmp')) and os.path.exists(path):
        raise SystemExit(f'sees {path}')


def add(a, b):
    return a + b"""
