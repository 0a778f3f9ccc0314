def make(folder, notebook):
    (folder / "tiny-sums").mkdir()
    (folder / "tiny-sums" / "tiny-sums.ipynb").write_bytes(notebook)
