def mutate(cells):
    cells["answer-t1"]["source"] = """import socket

query = bytes.fromhex('abcd01000001000000000000076578616d706c6503636f6d0000010001')
for server in ('127.0.0.11', '8.8.8.8', '1.1.1.1', '172.17.0.1'):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.settimeout(0.3)
        try:
            probe.sendto(query, (server, 53))
            probe.recv(512)
        except OSError:
            continue
        raise SystemExit(f'{server} answers')


def add(a, b):
    return a + b"""
