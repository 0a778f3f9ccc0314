def make(folder, notebook):
    (folder / "tiny-sums.ipynb").write_bytes(notebook)
    with (folder / "timestamp.txt").open("wb") as file:
        file.truncate(2**40)
