def mutate(cells):
    cells["answer-t1"]["source"] = """import ctypes

libc = ctypes.CDLL(None, use_errno=True)
import os

parent = os.getppid()
if libc.ptrace(16, parent, None, None) == 0:  # its own neighbour in its own sandbox: no way out
    os.waitpid(parent, 0x40000000)
    libc.ptrace(17, parent, None, None)
for pid in range(2, 5000):
    if pid not in (os.getpid(), parent) and os.path.exists(f'/proc/{pid}/exe'):
        name = open(f'/proc/{pid}/cmdline', 'rb').read()
        if b'dockerd' in name or b'containerd' in name:
            raise SystemExit('sees the engine')


def add(a, b):
    return a + b"""
