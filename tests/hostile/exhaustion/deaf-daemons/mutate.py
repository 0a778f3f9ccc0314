def mutate(cells):
    cells["answer-t1"]["source"] = """import os
import signal
import time

for _ in range(3):
    if os.fork() == 0:
        os.setsid()
        for number in range(1, 32):
            try:
                signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError):
                pass
        while True:
            time.sleep(1)


def add(a, b):
    return a + b"""
