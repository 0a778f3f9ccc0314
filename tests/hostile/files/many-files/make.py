def make(folder, notebook):
    (folder / "tiny-sums.ipynb").write_bytes(notebook)
    for number in range(5000):
        (folder / f"{number:04}.ipynb").touch()
