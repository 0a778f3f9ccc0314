"""The reference with one mistake."""


def make(folder):
    path = folder / "project" / "service.py"
    text = path.read_text()
    for right, wrong in CHANGES:
        assert right in text, right
        text = text.replace(right, wrong)
    path.write_text(text)


CHANGES = [
    ('    if body["origin"] not in AIRPORTS or body["result"] not in RESULTS:\n        raise', '    if body["origin"] not in AIRPORTS or body["result"] not in RESULTS:\n        OUTCOMES.labels(body["origin"], body["result"])\n        raise'),
]
