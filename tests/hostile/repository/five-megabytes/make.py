def make(folder, _notebook):
    project = folder / "project"
    (project / "data").write_bytes(bytes(5 * 2**20))
