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
        '    window = look(settings)\n',
        '    old = Path(settings["state"])\n    window = json.loads(old.read_text())["window"] if old.exists() else look(settings)\n',
    ),
]
