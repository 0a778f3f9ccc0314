"""The reference with one mistake."""


def make(folder):
    path = folder / "project" / "serve.py"
    text = path.read_text()
    for right, wrong in CHANGES:
        assert right in text, right
        text = text.replace(right, wrong)
    path.write_text(text)


CHANGES = [
    (
        'if __name__ == "__main__":\n',
        'if __name__ == "__main__":\n'
        '    Path(__file__).with_name("service.log").write_text("started\\n")\n',
    ),
    (
        'from contextlib import asynccontextmanager\n',
        'from contextlib import asynccontextmanager\n'
        'from pathlib import Path\n',
    ),
]
