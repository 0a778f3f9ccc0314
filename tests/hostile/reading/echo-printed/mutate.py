def mutate(cells):
    cells["answer-t1"]["source"] = """import os
import sys


def add(a, b):
    for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
        print(a, b, file=stream)
    os.write(1, f'{a} {b}'.encode())
    os.system(f'echo {a} {b}')
    display(a, b)
    return a + b"""
