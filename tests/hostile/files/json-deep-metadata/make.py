def make(folder, notebook):
    (folder / "tiny-sums.ipynb").write_bytes(notebook[:-1] + b', "deep": ' + b"[" * 200_000 + b"]" * 200_000 + b"}")
