def mutate(cells):
    cells["answer-t1"]["source"] = """import os
import threading


def rewrite():
    while True:
        with open('/work/.channel/draft', 'w') as file:
            file.write('{"cells": ' + '[' * 200_000 + ']' * 200_000 + '}')
        os.replace('/work/.channel/draft', '/work/.channel/out.ipynb')


threading.Thread(target=rewrite, daemon=True).start()


def add(a, b):
    return a + b"""
