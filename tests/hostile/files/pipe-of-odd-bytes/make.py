import os


def make(folder, notebook):
    os.mkfifo(os.path.join(os.fsencode(folder), b"\xff<script>\r\n.ipynb"))
