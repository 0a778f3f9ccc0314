def mutate(cells):
    cells["answer-t1"]["source"] = """import os
import signal
import time

os.kill(1, signal.SIGTERM)
time.sleep(2)



def add(a, b):
    return a + b"""
