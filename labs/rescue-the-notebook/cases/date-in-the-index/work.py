import shutil


def make(folder):
    """Change the module, as it lies there and in no commit."""
    path = folder / "project/lateness/flights.py"
    text = path.read_text()
    i = text.index('    days = facts.groupby(["date", "origin"], as_index=False)')
    path.write_text(
        text[:i]
        + '    days = facts.groupby(["date", "origin"]).sum()\n'
        + '    days.insert(4, "late_share", days["late"] / days["arrived"])\n'
        + "    return days\n"
    )
    shutil.rmtree(folder / "project/tests")  # not handed in, so that only the rest is graded
