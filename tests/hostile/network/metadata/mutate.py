def mutate(cells):
    cells["answer-t1"]["source"] = """import socket

for host in ('169.254.169.254', '169.254.170.2', '100.100.100.200', 'fd00:ec2::254'):
    with socket.socket(socket.AF_INET6 if ':' in host else socket.AF_INET) as probe:
        probe.settimeout(0.5)
        try:
            found = probe.connect_ex((host, 80))
        except OSError:
            continue
        if found == 0:
            raise SystemExit(f'{host} answers')


def add(a, b):
    return a + b"""
