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
        'port=int(os.environ.get("PORT", "8000"))',
        'port=int(os.environ.get("PORT", "8000")),\n'
        '        timeout_graceful_shutdown=1',
    ),
]
