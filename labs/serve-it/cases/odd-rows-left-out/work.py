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
        'class Question(BaseModel):',
        'class Loose(BaseModel):\n'
        '    """Rows that have not been looked at."""\n'
        '\n'
        '    rows: list[dict] = Field(min_length=1, max_length=1000)\n'
        '\n'
        '\n'
        'class Question(BaseModel):',
    ),
    (
        'def predict(question: Question):',
        'def predict(loose: Loose):',
    ),
    (
        '    return {"scores": model.score([flight.model_dump() for flight in question.rows])}\n',
        '    rows = []\n'
        '    for row in loose.rows:\n'
        '        try:\n'
        '            rows.append(Flight(**row).model_dump())\n'
        '        except ValueError:\n'
        '            continue\n'
        '    return {"scores": model.score(rows)}\n',
    ),
]
