import shutil


def make(folder):
    """Change the module, as it lies there and in no commit."""
    path = folder / "project/lateness/flights.py"
    text = path.read_text()
    old = '"cancelled": flights["dep_time"].isna()'
    assert old in text
    path.write_text(text.replace(old, '"cancelled": flights["arr_delay"].isna()'))
    shutil.rmtree(folder / "project/tests")  # not handed in, so that only the rest is graded
