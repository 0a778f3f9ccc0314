def mutate(cells):
    cells["answer-t1"]["source"] = """import ctypes

libc = ctypes.CDLL(None, use_errno=True)
for flag in (0x10000000, 0x00020000, 0x40000000, 0x20000000, 0x10020000):
    if libc.unshare(flag) == 0:
        raise SystemExit(f'has a namespace {flag:x}')


def add(a, b):
    return a + b"""
