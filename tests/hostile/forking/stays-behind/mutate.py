def mutate(cells):
    cells["answer-t1"]["source"] = r"""import os
import signal
import time

if os.fork() == 0:
    os.setsid()
    for number in range(1, 65):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    if os.fork() == 0:
        while True:
            time.sleep(0.2)
    os._exit(0)


def add(a, b):
    return a + b"""
