def make(folder, _notebook):
    path = folder / "project" / "Dockerfile"
    path.write_text(path.read_text().replace("python:3.11-slim", "mlops-labs/base"))
