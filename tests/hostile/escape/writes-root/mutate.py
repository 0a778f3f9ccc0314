def mutate(cells):
    cells["answer-t1"]["source"] = """import os

for folder in ('/', '/etc', '/usr/lib', '/opt/mlops/lib', '/opt/mlops/lib/grader', '/opt/mlops/venv/bin', '/home/learner', '/root', '/var/tmp', '/run'):
    try:
        with open(os.path.join(folder, 'planted'), 'w'):
            raise SystemExit(f'wrote to {folder}')
    except OSError:
        pass


def add(a, b):
    return a + b"""
