def make(folder, notebook):
    other = folder / "other"
    other.write_bytes(notebook)
    (folder / "tiny-sums.ipynb").hardlink_to(other)
