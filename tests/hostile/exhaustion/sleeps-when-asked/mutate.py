def mutate(cells):
    cells["answer-t1"]["source"] = """import time


def add(a, b):
    while True:
        try:
            time.sleep(100)
        except BaseException:
            pass"""
