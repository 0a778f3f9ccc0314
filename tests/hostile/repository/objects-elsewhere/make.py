def make(folder, _notebook):
    project = folder / "project"
    info = project / ".git" / "objects" / "info"
    info.mkdir(exist_ok=True)
    (info / "alternates").write_text("/var/lib\n/proc/self/root\n../../../../..\n")
