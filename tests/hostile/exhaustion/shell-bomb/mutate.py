def mutate(cells):
    cells["answer-t1"]["source"] = """import subprocess
import time

subprocess.Popen(['bash', '-c', 'bomb() { bomb | bomb & }; bomb'])
time.sleep(20)


def add(a, b):
    return a + b"""
