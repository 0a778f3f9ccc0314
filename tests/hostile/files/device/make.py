import os
import stat


def make(folder, notebook):
    os.mknod(folder / "tiny-sums.ipynb", stat.S_IFCHR | 0o666, os.makedev(1, 5))
