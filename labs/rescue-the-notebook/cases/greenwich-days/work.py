import shutil


def make(folder):
    """Change the module, as it lies there and in no commit."""
    path = folder / "project/lateness/flights.py"
    text = path.read_text()
    old = '.dt.tz_convert("America/New_York")'
    assert old in text
    path.write_text(text.replace(old, ''))
    shutil.rmtree(folder / "project/tests")  # not handed in, so that only the rest is graded
