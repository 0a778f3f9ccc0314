import shutil


def make(folder):
    """Change the module, as it lies there and in no commit."""
    path = folder / "project/lateness/flights.py"
    text = path.read_text()
    old = 'flights[flights["arr_delay"].notna().to_numpy()].reset_index'
    assert old in text
    path.write_text(text.replace(old, 'flights.reset_index'))
    shutil.rmtree(folder / "project/tests")  # not handed in, so that only the rest is graded
