def mutate(cells):
    cells["answer-t1"]["source"] = """import os
import signal


def add(a, b):
    os.kill(os.getpid(), signal.SIGKILL)"""
