def mutate(cells):
    cells["answer-t1"]["source"] = """import os
import stat

for kind, number in ((stat.S_IFBLK, os.makedev(8, 0)), (stat.S_IFBLK, os.makedev(254, 0)), (stat.S_IFCHR, os.makedev(1, 1))):
    try:
        os.mknod('/work/device', kind | 0o666, number)
        open('/work/device', 'rb').read(1)
    except OSError:
        continue
    raise SystemExit('has a device')


def add(a, b):
    return a + b"""
