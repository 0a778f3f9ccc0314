def mutate(cells):
    cells["answer-t1"]["source"] = """import subprocess
import sys

child = subprocess.run([sys.executable, '-c', 'hog = [bytes([1]) * 10**8 for _ in range(100)]'])
assert child.returncode != 0


def add(a, b):
    return a + b"""
