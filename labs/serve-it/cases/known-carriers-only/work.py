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
        '    carrier: str\n',
        '    carrier: Literal["9E", "AA", "AS", "B6", "DL", "EV", "F9", "FL", "HA", "MQ", "OO", "UA", "US", "VX", "WN", "YV"]\n',
    ),
    (
        'from contextlib import asynccontextmanager\n',
        'from contextlib import asynccontextmanager\n'
        'from typing import Literal\n',
    ),
]
