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
        'same = before is not None and before["started"] == now["started"]',
        'same = before is not None',
    ),
]
