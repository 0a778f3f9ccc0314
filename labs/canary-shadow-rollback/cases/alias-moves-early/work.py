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
        '        decision, over = "promote", True\n        tools.move_alias(settings)\n',
        '        decision, over = "promote", True\n',
    ),
    (
        '        stage = settings["plan"][settings["plan"].index(stage) + 1]\n',
        '        stage = settings["plan"][settings["plan"].index(stage) + 1]\n        if stage == 100 and not settings["registry"].endswith(":9"):\n            tools.move_alias(settings)\n',
    ),
]
