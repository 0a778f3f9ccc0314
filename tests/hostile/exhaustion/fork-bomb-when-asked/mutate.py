def mutate(cells):
    cells["answer-t1"]["source"] = """import os
import time


def add(a, b):
    while True:
        if os.fork() == 0:
            time.sleep(1000)"""
