def mutate(cells):
    cells["answer-t1"]["source"] = """import socket

for last in range(2, 20):
    for port in (80, 5000, 8888):
        with socket.socket() as probe:
            probe.settimeout(0.05)
            if probe.connect_ex((f'172.17.0.{last}', port)) == 0:
                raise SystemExit('has a neighbour')


def add(a, b):
    return a + b"""
