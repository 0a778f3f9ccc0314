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
        '    record(settings, decision, stage, reason, seen)',
        '    record(settings, decision, stage, reason, {name: since(None, now[name]) for name in VERSIONS})',
    ),
]
