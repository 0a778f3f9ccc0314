"""The reference with one mistake."""


def make(folder):
    path = folder / "prometheus" / "rules.yml"
    text = path.read_text()
    for right, wrong in CHANGES:
        assert right in text, right
        text = text.replace(right, wrong)
    path.write_text(text)


CHANGES = [
    ('> 0.05\n        for: 10m', '> 0.05'),
]
