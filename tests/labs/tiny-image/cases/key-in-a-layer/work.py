def make(folder):
    path = folder / "project" / "Dockerfile"
    path.write_text(path.read_text().replace("COPY app.py .", "COPY . .\nRUN rm secret.txt"))
