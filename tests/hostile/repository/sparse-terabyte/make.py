def make(folder, _notebook):
    project = folder / "project"
    with (project / "data").open("wb") as file:
        file.truncate(2**40)
