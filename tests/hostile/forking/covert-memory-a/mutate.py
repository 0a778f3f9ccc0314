def mutate(cells):
    cells["answer-t1"]["source"] = r"""import ctypes

libc = ctypes.CDLL(None, use_errno=True)
for kind in ('shm', 'sem', 'msg'):
    if len(open(f'/proc/sysvipc/{kind}').read().splitlines()) > 1:
        raise SystemExit(f'found {kind}')
shared = libc.shmget(0x5EC2E7, 4096, 0o1666)
libc.semget(0x5EC2E7, 1, 0o1666)
libc.msgget(0x5EC2E7, 0o1666)


def add(a, b):
    return a + b"""
