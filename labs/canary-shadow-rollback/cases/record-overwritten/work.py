"""The reference with one mistake."""


def make(folder):
    path = folder / "project" / "controller.py"
    text = path.read_text()
    for right, wrong in CHANGES:
        assert right in text, right
        text = text.replace(right, wrong)
    path.write_text(text)


CHANGES = [
    (
        'open("a")',
        'open("w")',
    ),
]
