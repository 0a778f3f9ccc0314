def mutate(cells):
    cells["answer-t1"]["source"] = """import os
import subprocess

for take in (os.setuid, os.setgid, os.seteuid, os.setegid):
    try:
        take(0)
    except OSError:
        continue
    raise SystemExit('is root')
for program in ('su', 'mount', 'passwd', 'newgrp', 'sudo'):
    try:
        said = subprocess.run([program, '-c', 'id -u'], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=5)
    except (OSError, subprocess.TimeoutExpired):
        continue
    if said.stdout.strip() == '0':
        raise SystemExit('became root')


def add(a, b):
    return a + b"""
