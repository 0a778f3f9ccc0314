def make(folder, notebook):
    for number in range(500):
        (folder / f"try-{number}.ipynb").write_bytes(notebook)
