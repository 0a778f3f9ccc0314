def make(folder, notebook):
    (folder / "tiny-sums.ipynb").symlink_to("../honest-own-cells/tiny-sums.ipynb")
