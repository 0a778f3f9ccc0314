def make(folder, _notebook):
    (folder / "project" / "everything").symlink_to("/")
    path = folder / "project" / "Dockerfile"
    path.write_text(path.read_text().replace("USER 1000\n", "COPY everything /opt/everything\nUSER 1000\n"))
