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
        '    distance: float | None = Field(None, gt=0, le=20_000)\n',
        '    distance: float | None = Field(None, gt=0, le=20_000)\n'
        '\n'
        '    def row(self):\n'
        '        return self.model_dump() | {"distance": self.distance or 0}\n',
    ),
    (
        'flight.model_dump()',
        'flight.row()',
    ),
]
