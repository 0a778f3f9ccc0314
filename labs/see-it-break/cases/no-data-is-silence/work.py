"""The reference with one mistake."""


def make(folder):
    path = folder / "prometheus" / "rules.yml"
    text = path.read_text()
    for right, wrong in CHANGES:
        assert right in text, right
        text = text.replace(right, wrong)
    path.write_text(text)


CHANGES = [
    (' or absent(up{job="flights"})', ''),
]
