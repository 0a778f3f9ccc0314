"""The reference with one mistake."""


def make(folder):
    path = folder / "alertmanager" / "alertmanager.yml"
    text = path.read_text()
    for right, wrong in CHANGES:
        assert right in text, right
        text = text.replace(right, wrong)
    path.write_text(text)


CHANGES = [
    ('[alertname]', '[alertname, origin]'),
]
