def mutate(cells):
    cells["answer-t1"]["source"] = """import threading
import time


def add(a, b):
    return a + b


def later():
    while True:
        globals()['add'] = lambda a, b: 0
        time.sleep(0.01)


threading.Thread(target=later, daemon=True).start()"""
