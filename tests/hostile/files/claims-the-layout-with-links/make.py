def make(folder, notebook):
    (folder / "tiny-sums").symlink_to("../honest-own-cells")
