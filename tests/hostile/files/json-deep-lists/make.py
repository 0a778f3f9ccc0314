def make(folder, notebook):
    (folder / "tiny-sums.ipynb").write_bytes(b"[" * 200_000 + b"]" * 200_000)
