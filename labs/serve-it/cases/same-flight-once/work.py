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
        '    return {"scores": model.score([flight.model_dump() for flight in question.rows])}\n',
        '    rows = [flight.model_dump() for flight in question.rows]\n'
        '    once = {tuple(row.values()): row for row in rows}\n'
        '    return {"scores": model.score(list(once.values()))}\n',
    ),
]
