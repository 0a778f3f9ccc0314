"""The reference with one mistake."""


def make(folder):
    path = folder / "project" / "Dockerfile"
    text = path.read_text()
    for right, wrong in CHANGES:
        assert right in text, right
        text = text.replace(right, wrong)
    path.write_text(text)
    (path.parent / "start.sh").write_text("echo starting\npython serve.py\necho over\n")


CHANGES = [
    (
        'CMD ["python", "serve.py"]',
        'COPY start.sh .\n'
        'CMD ["sh", "start.sh"]',
    ),
]
