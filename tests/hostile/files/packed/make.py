import gzip


def make(folder, notebook):
    (folder / "tiny-sums.ipynb").write_bytes(gzip.compress(notebook))
