def make(folder, _notebook):
    path = folder / "project" / "Dockerfile"
    path.write_text(path.read_text().replace("USER 1000\n", 'COPY ../../../etc/passwd /stolen\n' + "USER 1000\n"))
