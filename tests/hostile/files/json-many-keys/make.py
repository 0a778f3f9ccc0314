def make(folder, notebook):
    (folder / "tiny-sums.ipynb").write_bytes(b"{" + b",".join(b'"%d":[' % n for n in range(100_000)) + b"}")
