"""The reference with one mistake."""


def make(folder):
    path = folder / "project" / "service.py"
    text = path.read_text()
    for right, wrong in CHANGES:
        assert right in text, right
        text = text.replace(right, wrong)
    path.write_text(text)


CHANGES = [
    (
        "self.send(200, generate_latest(), CONTENT_TYPE_LATEST)",
        'self.send(200, generate_latest(), "application/openmetrics-text; version=1.0.0; charset=utf-8")',
    ),
]
