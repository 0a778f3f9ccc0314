import subprocess

TEXT = '\nimport os, sys, time\nprint(2 * int(sys.argv[1]), flush=True)\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        while True:\n            time.sleep(0.1)\n            open("/tmp/still-here", "a").write("x")\n    os._exit(0)\n'

def git(folder, *words):
    identity = ["-c", "user.name=eve", "-c", "user.email=eve@localhost"]
    subprocess.run(["git", *identity, *words], cwd=folder / "project", check=True)


def make(folder, _notebook):
    (folder / "project" / "double.py").write_text(TEXT)
    git(folder, "commit", "-qam", "Double")
