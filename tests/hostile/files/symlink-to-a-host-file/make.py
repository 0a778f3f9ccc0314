def make(folder, notebook):
    (folder / "tiny-sums.ipynb").symlink_to("/etc/passwd")
