def make(folder, notebook):
    (folder / "My work (final).ipynb").write_bytes(notebook)
