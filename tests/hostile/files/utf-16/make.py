def make(folder, notebook):
    (folder / "tiny-sums.ipynb").write_bytes(notebook.decode().encode("utf-16"))
