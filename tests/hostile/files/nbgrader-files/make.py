def make(folder, notebook):
    (folder / "tiny-sums.ipynb").write_bytes(notebook)
    (folder / "nbgrader_config.py").write_text("raise SystemExit(1)")
    (folder / "gradebook.db").write_bytes(b"not a database")
    (folder / "results.json").write_text('{"score": 5}')
    (folder / "timestamp.txt").write_text("=1+1 <script>alert(1)</script>")
