def mutate(cells):
    cells["answer-t1"]["source"] = """import os
import shutil
import subprocess

shutil.copy('/usr/bin/id', '/work/id')
os.chmod('/work/id', 0o6755)
try:
    os.chown('/work/id', 0, 0)
except OSError:
    pass
if subprocess.run(['/work/id', '-u'], capture_output=True, text=True).stdout.strip() == '0':
    raise SystemExit('became root')


def add(a, b):
    return a + b"""
