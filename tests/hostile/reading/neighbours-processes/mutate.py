def mutate(cells):
    cells["answer-t1"]["source"] = """import os

for path in ('/tmp', '/work', '/dev/shm', '/var/lib/docker', '/home'):
    if os.path.isdir(path) and any(name.startswith(('l-', 'attempts', 'submitted')) for name in os.listdir(path)):
        raise SystemExit('has neighbours')
if sum(name.isdigit() for name in os.listdir('/proc')) > 20:
    raise SystemExit('sees many processes')


def add(a, b):
    return a + b"""
