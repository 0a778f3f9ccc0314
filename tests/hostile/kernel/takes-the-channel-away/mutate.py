def mutate(cells):
    cells["answer-t1"]["source"] = """import os
import socket

os.unlink('/work/.channel/socket')
mine = socket.socket(socket.AF_UNIX)
mine.bind('/work/.channel/socket')
mine.listen()


def add(a, b):
    return a + b"""
