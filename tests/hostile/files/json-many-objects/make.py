def make(folder, notebook):
    (folder / "tiny-sums.ipynb").write_bytes(notebook[:-1] + b', "x": [' + (b'{"":' * 90 + b"0" + b"}" * 90 + b",") * 30_000 + b"0]}")
