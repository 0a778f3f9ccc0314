def mutate(cells):
    cells["answer-t1"]["source"] = r"""import os

for top in (b'/work', b'/tmp', b'/dev/shm'):
    os.makedirs(top + b'/shut/' + bytes([255, 254, 10]) + b'/below', exist_ok=True)
    open(top + b'/shut/' + bytes([255, 254, 10]) + b'/below/file', 'wb').close()
    deep = top + b'/deep'
    for _ in range(60):
        deep += b'/' + b'd' * 60
        os.makedirs(deep, exist_ok=True)
    os.chmod(top + b'/shut/' + bytes([255, 254, 10]), 0)
    os.chmod(top + b'/shut', 0)


def add(a, b):
    return a + b"""
