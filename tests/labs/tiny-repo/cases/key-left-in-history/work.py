import subprocess


def make(folder):
    project = folder / "project"
    (project / "double.py").write_text("import sys\n\nprint(2 * int(sys.argv[1]))\n")
    git = ["git", "-c", "user.name=ana", "-c", "user.email=ana@localhost"]
    subprocess.run([*git, "commit", "-qam", "Take the word out"], cwd=project, check=True)
