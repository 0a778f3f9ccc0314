def mutate(cells):
    cells["answer-t1"]["source"] = """import subprocess

mark = 'can' + 'ary-'
said = subprocess.run(['git', 'log', '--all', '-p', '--text'], capture_output=True, text=True, errors='replace')
if mark in said.stdout + said.stderr:
    print(said.stdout)
    raise SystemExit('found a secret')


def add(a, b):
    return a + b"""
