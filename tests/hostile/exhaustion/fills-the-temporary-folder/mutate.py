def mutate(cells):
    cells["answer-t1"]["source"] = """try:
    with open('/tmp/hog', 'wb', buffering=0) as hog:
        while True:
            hog.write(bytes(2**16))
except OSError:
    pass


def add(a, b):
    return a + b"""
