def make(folder, _notebook):
    path = folder / "project" / "Dockerfile"
    path.write_text(path.read_text().replace("USER 1000\n", 'RUN python -c "x = [bytearray(10**8) for _ in range(100)]"\n' + "USER 1000\n"))
