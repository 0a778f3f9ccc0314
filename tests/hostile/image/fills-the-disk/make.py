def make(folder, _notebook):
    path = folder / "project" / "Dockerfile"
    path.write_text(path.read_text().replace("USER 1000\n", 'RUN head -c 20G /dev/zero > /big\n' + "USER 1000\n"))
