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
        '    threading.Thread(target=held.fill, daemon=True).start()\n'
        '    yield',
        '    yield',
    ),
    (
        'held = Holder()\n',
        'held = Holder()\n'
        'held.fill()\n',
    ),
]
