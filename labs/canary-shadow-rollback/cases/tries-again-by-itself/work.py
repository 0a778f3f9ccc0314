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
        '        stage, over = 0, True\n',
        '        stage = 0\n',
    ),
    (
        'settings["plan"][settings["plan"].index(stage) + 1]',
        'settings["plan"][settings["plan"].index(stage or "shadow") + 1]',
    ),
]
