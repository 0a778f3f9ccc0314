def mutate(cells):
    cells["answer-t1"]["source"] = r"""import re

status = open('/proc/self/status').read()
if set(re.findall(r'^Cap(?:Prm|Eff|Bnd|Amb):\s*(\w+)', status, re.M)) != {'0' * 16}:
    raise SystemExit('has capabilities')
if 'NoNewPrivs:\t1' not in status or 'Seccomp:\t2' not in status:
    raise SystemExit('has no filter')


def add(a, b):
    return a + b"""
