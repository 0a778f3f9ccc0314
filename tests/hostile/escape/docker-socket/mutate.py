def mutate(cells):
    cells["answer-t1"]["source"] = """import os
import socket

for path in ('/var/run/docker.sock', '/run/docker.sock', '/run/containerd/containerd.sock', '/run/podman/podman.sock'):
    if os.path.exists(path):
        raise SystemExit('sees the engine')
for host in ('127.0.0.1', '172.17.0.1', '172.18.0.1'):
    for port in (2375, 2376, 2377):
        with socket.socket() as probe:
            probe.settimeout(0.3)
            if probe.connect_ex((host, port)) == 0:
                raise SystemExit('reaches the engine')


def add(a, b):
    return a + b"""
