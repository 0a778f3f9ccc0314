def make(folder, _notebook):
    path = folder / "project" / "Dockerfile"
    path.write_text(path.read_text().replace("COPY app.py .\n", "COPY app.py .\nCOPY app.py /proc/self/mem\nCOPY app.py /etc/passwd\n"))
