def make(folder, _notebook):
    path = folder / "project" / "Dockerfile"
    path.write_text(path.read_text().replace("USER 1000\n", 'RUN sleep 100000\n' + "USER 1000\n"))
