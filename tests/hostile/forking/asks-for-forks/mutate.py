def mutate(cells):
    cells["answer-t1"]["source"] = r"""import json
import os
import socket

order = json.dumps({'op': 'fork', 'module': 'grader.inside.runner'}).encode()
for name in os.listdir('/proc/self/fd'):
    try:
        if 'socket' not in os.readlink(f'/proc/self/fd/{name}'):
            continue
        with socket.socket(fileno=os.dup(int(name))) as found:
            if found.family != socket.AF_UNIX or found.type != socket.SOCK_SEQPACKET:
                continue
            found.send(order)
            raise SystemExit('has a way to ask')
    except OSError:
        pass
for line in open('/proc/net/unix').read().splitlines()[1:]:
    path = line.split()[-1]
    if not path.startswith(('/', '.', '@')):
        continue
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as found:
        try:
            found.connect(path.replace('@', chr(0), 1))
            found.send(order)
        except OSError:
            continue
        raise SystemExit('found a way to ask')


def add(a, b):
    return a + b"""
