def make(folder, notebook):
    (folder / "tiny-sums.ipynb").write_bytes(notebook)
    (folder / "tiny-sums-copy.ipynb").write_text("{")
