def make(folder, _notebook):
    project = folder / "project"
    for number, target in enumerate(("/", "/etc/passwd", "/proc/1/environ", "..", "l3", "/dev/zero")):
        (project / f"l{number}").symlink_to(target)
