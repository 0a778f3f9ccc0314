import os
import stat


def make(folder, _notebook):
    project = folder / "project"
    os.mknod(project / "zero", 0o666 | stat.S_IFCHR, os.makedev(1, 5))
