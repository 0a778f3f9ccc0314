def mutate(cells):
    cells["answer-t1"]["source"] = """import sys
import time

for _ in range(2**14):
    sys.stdout.write('x' * 2**16)
    time.sleep(0.0005)"""
