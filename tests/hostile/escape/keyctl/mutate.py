def mutate(cells):
    cells["answer-t1"]["source"] = """import ctypes

libc = ctypes.CDLL(None, use_errno=True)
if libc.syscall(248, b'user', b'name', b'data', 4, -3) > 0 or libc.syscall(250, 0, -3, 0) > 0:
    raise SystemExit('has a key')


def add(a, b):
    return a + b"""
