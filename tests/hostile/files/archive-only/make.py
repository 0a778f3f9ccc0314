import zipfile


def make(folder, notebook):
    with zipfile.ZipFile(folder / "tiny-sums.zip", "w") as archive:
        archive.writestr("tiny-sums.ipynb", notebook)
