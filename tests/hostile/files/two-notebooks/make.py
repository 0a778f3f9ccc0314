def make(folder, notebook):
    (folder / "final.ipynb").write_bytes(notebook)
    (folder / "final-2.ipynb").write_bytes(notebook)
