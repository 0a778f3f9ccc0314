def make(folder, notebook):
    (folder / "tiny-sums.ipynb").write_bytes(b'{"cells":' * 200_000)
