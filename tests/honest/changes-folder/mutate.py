def mutate(cells):
    cells["answer-t1"]["source"] = """import os

os.makedirs('deep/er', exist_ok=True)
os.chdir('deep/er')


def add(a, b):
    os.chdir('/')
    return a + b"""
