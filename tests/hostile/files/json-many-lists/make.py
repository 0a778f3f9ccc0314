def make(folder, notebook):
    (folder / "tiny-sums.ipynb").write_bytes(notebook[:-1] + b', "x": [' + b"[]," * 6_000_000 + b"[]]}")
