"""The reference with one mistake."""


def make(folder):
    path = folder / "project" / "serve.py"
    text = path.read_text()
    for right, wrong in CHANGES:
        assert right in text, right
        text = text.replace(right, wrong)
    path.write_text(text)


CHANGES = [
    (
        '    month: int = Field(ge=1, le=12)\n'
        '    hour: int = Field(ge=0, le=23)\n'
        '    distance: float | None = Field(None, gt=0, le=20_000)\n',
        '    month: int\n'
        '    hour: int\n'
        '    distance: float | None = None\n',
    ),
]
