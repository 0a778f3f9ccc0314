def mutate(cells):
    cells["answer-t1"]["source"] = """import os
from pathlib import Path

for line in ('K {"id": 1, "ok": 3}', 'R 5', 'R {"started": {"git_head": "forged"}}', 'X'):
    for number in Path(f'/proc/{os.getppid()}/fd').iterdir():
        try:
            if 'pipe' in os.readlink(number):
                descriptor = os.open(number, os.O_WRONLY | os.O_NONBLOCK)
                os.write(descriptor, (line + chr(10)).encode())
                os.close(descriptor)
        except OSError:
            pass


def add(a, b):
    return 0"""
