def make(folder, notebook):
    (folder / "tiny-sums.ipynb").write_bytes(notebook[:-1] + b', "score": ' + b"9" * 10**6 + b"}")
