"""The reference with one mistake."""


def make(folder):
    path = folder / "project" / "pipeline.py"
    text = path.read_text()
    for right, wrong in CHANGES:
        assert right in text, right
        text = text.replace(right, wrong)
    path.write_text(text)


CHANGES = [
    (
        'done = [bring(month, again, instance) for month in months]',
        'done = [all(bring(month, again, instance) for month in months)]',
    ),
]
