def mutate(cells):
    cells["answer-t1"]["source"] = r"""import os

for name in os.listdir('/dev'):
    if name.startswith(('sd', 'vd', 'nvme', 'loop', 'dm-', 'mem', 'kmem', 'port', 'kmsg', 'fuse', 'kvm', 'mapper', 'input')):
        raise SystemExit(f'sees /dev/{name}')
for path in ('/proc/kcore', '/proc/kallsyms', '/sys/firmware/efi', '/proc/keys'):
    try:
        with open(path, 'rb') as file:
            if any(byte not in b'0 \n' for byte in file.read(16)):
                raise SystemExit(f'reads {path}')
    except OSError:
        pass


def add(a, b):
    return a + b"""
