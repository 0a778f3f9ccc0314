"""The reference with one mistake."""


def make(folder):
    path = folder / "project" / "Dockerfile"
    text = path.read_text()
    for right, wrong in CHANGES:
        assert right in text, right
        text = text.replace(right, wrong)
    path.write_text(text)


CHANGES = [
    (
        'USER 1000:1000\n',
        '',
    ),
]
