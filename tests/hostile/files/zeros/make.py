def make(folder, notebook):
    (folder / "tiny-sums.ipynb").write_bytes(bytes(10_000_000))
