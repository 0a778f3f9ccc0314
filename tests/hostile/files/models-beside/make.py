def make(folder, notebook):
    (folder / "tiny-sums.ipynb").write_bytes(notebook)
    act = b"cos\nsystem\n(S'touch /tmp/loaded-outside'\ntR."
    for name in ("model.pkl", "model.joblib", "model.skops", "data.parquet", "python_model.pkl", "state.pt"):
        (folder / name).write_bytes(act)
    for name in ("sitecustomize.py", "conftest.py", "checks.py", "json.py", "setup.py", "Makefile"):
        (folder / name).write_text("import os; os.system('touch /tmp/loaded-outside')")
