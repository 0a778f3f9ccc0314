def make(folder, notebook):
    (folder / "tiny-sums.ipynb").write_bytes(notebook[:-1] + b', "score": 1e999}')
