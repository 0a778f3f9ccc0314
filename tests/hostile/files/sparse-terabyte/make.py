def make(folder, notebook):
    with (folder / "tiny-sums.ipynb").open("wb") as file:
        file.truncate(2**40)
