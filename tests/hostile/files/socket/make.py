import os
import socket


def make(folder, notebook):
    held = os.open(folder, os.O_RDONLY)
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(f"/proc/self/fd/{held}/tiny-sums.ipynb")  # short, as a socket's path must be
    os.close(held)
