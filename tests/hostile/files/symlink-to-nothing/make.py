def make(folder, notebook):
    (folder / "tiny-sums.ipynb").symlink_to("/nowhere/at/all")
