def mutate(cells):
    cells["answer-t1"]["source"] = """import os

root = os.open('/', os.O_RDONLY)
try:
    os.chroot('/work')
except OSError:
    pass
else:
    raise SystemExit('changed its root')
os.fchdir(root)
for _ in range(50):
    os.chdir('..')
if os.path.exists('/.dockerenv') != os.path.exists('.dockerenv') or os.path.exists('var/lib/docker'):
    raise SystemExit('climbed out')
os.chdir('/work')


def add(a, b):
    return a + b"""
