def make(folder, _notebook):
    project = folder / "project"
    for number in range(1000):
        (project / f"f{number}").touch()
