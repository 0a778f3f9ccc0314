def mutate(cells):
    cells["answer-t1"]["source"] = """import socket

for name in ('example.com', 'metadata.google.internal', 'host.docker.internal', 'gateway.docker.internal'):
    try:
        socket.getaddrinfo(name, 80)
    except OSError:
        continue
    raise SystemExit(f'knows {name}')


def add(a, b):
    return a + b"""
