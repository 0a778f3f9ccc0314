def make(folder, notebook):
    (folder / "tiny-sums.ipynb").mkdir()
