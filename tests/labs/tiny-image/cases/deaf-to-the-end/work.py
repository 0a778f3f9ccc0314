def make(folder):
    path = folder / "project" / "Dockerfile"
    path.write_text(path.read_text().replace('CMD ["python", "app.py", "8000"]', "CMD python app.py 8000; echo over"))
