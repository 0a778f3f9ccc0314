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
        '{"champion": 100 - stage, "challenger": stage}',
        '{"champion": stage, "challenger": 100 - stage}',
    ),
]
