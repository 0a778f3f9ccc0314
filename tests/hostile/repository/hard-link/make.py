def make(folder, _notebook):
    project = folder / "project"
    (folder.parent / "neighbour.txt").write_text("theirs")
    (project / "theirs").hardlink_to(folder.parent / "neighbour.txt")
    (folder.parent / "neighbour.txt").rename(folder / "neighbour.txt")
