import shutil


def make(folder):
    """Change the module, as it lies there and in no commit."""
    path = folder / "project/lateness/flights.py"
    text = path.read_text()
    old = '// 100 % 24 * 60'
    assert old in text
    path.write_text(text.replace(old, '// 100 * 60'))
    shutil.rmtree(folder / "project/tests")  # not handed in, so that only the rest is graded
