def mutate(cells):
    cells["answer-t1"]["source"] = """import os

os.unlink('/work/.channel/out.ipynb')
os.symlink('/dev/zero', '/work/.channel/out.ipynb')


def add(a, b):
    return a + b"""
