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
        '    scores = model.score([flight.model_dump() for flight in question.rows])\n'
        '    return {"scores": sorted(scores, reverse=True)}\n',
    ),
]
