import os


def make(folder, _notebook):
    project = folder / "project"
    for name in (b"\xff\xfe", b"a\nb", b"\x1b[31m", b"-rf", b"$(reboot)"):
        (project / os.fsdecode(name)).touch()
