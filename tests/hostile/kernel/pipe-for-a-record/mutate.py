def mutate(cells):
    cells["answer-t1"]["source"] = """import os

os.unlink('/work/.channel/out.ipynb')
os.mkfifo('/work/.channel/out.ipynb')


def add(a, b):
    return a + b"""
