import shutil


def make(folder):
    """Change the module, as it lies there and in no commit."""
    path = folder / "project/lateness/flights.py"
    text = path.read_text()
    old = '    arrived = flights['
    assert old in text
    path.write_text(text.replace(old, '    flights["late"] = flights["arr_delay"] > LATE_AFTER\n    arrived = flights['))
    shutil.rmtree(folder / "project/tests")  # not handed in, so that only the rest is graded
