import os


def make(folder, notebook):
    os.symlink(b"/etc/passwd", os.path.join(os.fsencode(folder), b"\xff\n\xed\xa0\x80.ipynb"))
