import os


def make(folder, notebook):
    at = os.fsencode(folder)
    for name in (b"\xff\n\x1b[2J.ipynb", b"a\nb", b"\xc3\x28", b" ", b"\xe2\x80\xae.txt", b"-rf *"):
        with open(os.path.join(at, name), "wb") as file:
            file.write(notebook if name.endswith(b".ipynb") else b"x")
