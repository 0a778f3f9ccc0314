def mutate(cells):
    cells["answer-t1"]["source"] = """import socket

for host in ('172.17.0.1', '172.18.0.1', '192.168.65.2', '10.0.2.2'):
    for port in (22, 80, 443, 2375, 5000, 5432, 8888, 9000):
        with socket.socket() as probe:
            probe.settimeout(0.1)
            if probe.connect_ex((host, port)) == 0:
                raise SystemExit(f'{host}:{port} answers')


def add(a, b):
    return a + b"""
