def mutate(cells):
    cells["answer-t1"]["source"] = r"""import os

name = 'left-by-a-friend'
for top in ('/work', '/tmp', '/dev/shm', '/dev/mqueue', '/var/tmp', '/dev', '/run', '/home/learner'):
    path = os.path.join(top, name)
    if os.path.lexists(path):
        raise SystemExit(f'found {path}')
    try:
        with open(path, 'w') as file:
            file.write('t1: a + b')
        os.chmod(path, 0o666)
    except OSError:
        pass


def add(a, b):
    return a + b"""
