def mutate(cells):
    cells["answer-t1"]["source"] = """import time

time.sleep(100_000)"""
