def make(folder, _notebook):
    project = folder / "project"
    (project / ".git" / "config").write_text("[core\n")
