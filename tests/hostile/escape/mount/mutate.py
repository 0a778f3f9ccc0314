def mutate(cells):
    cells["answer-t1"]["source"] = """import ctypes

libc = ctypes.CDLL(None, use_errno=True)
for kind in (b'tmpfs', b'proc', b'overlay', b'sysfs'):
    if libc.mount(b'none', b'/work', kind, 0, None) == 0:
        raise SystemExit('mounted')


def add(a, b):
    return a + b"""
