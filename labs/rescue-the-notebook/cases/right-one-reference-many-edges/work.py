import json
import shutil
import subprocess


def make(folder):
    """A new history; the notebook stays, without what it printed and without the key's cell."""
    project = folder / "project"
    path = project / "delays.ipynb"
    notebook = json.loads(path.read_text())
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    path.write_text(json.dumps(notebook, indent=1))
    shutil.rmtree(project / ".git")
    who = ["-c", "user.name=Cy", "-c", "user.email=cy@delays.example"]
    for words in (["init", "-q", "-b", "trunk"], ["add", "."], ["commit", "-qm", "Lateness"], ["tag", "v1"]):
        subprocess.run(["git", *who, *words], cwd=project, check=True)
