def mutate(cells):
    cells["answer-t1"]["source"] = """try:
    with open('sparse', 'wb') as sparse:
        sparse.truncate(2**40)
    raise SystemExit('there is a file of 1 TiB')
except OSError:
    pass


def add(a, b):
    return a + b"""
