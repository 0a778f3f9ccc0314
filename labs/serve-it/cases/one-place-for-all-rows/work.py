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
        'def predict(question: Question):',
        'async def predict(question: Question):',
    ),
    (
        '    return {"scores": model.score([flight.model_dump() for flight in question.rows])}\n',
        '    held.rows = [flight.model_dump() for flight in question.rows]\n'
        '    return {"scores": await asyncio.to_thread(held.score)}\n',
    ),
    (
        '    def fill(self):\n',
        '    def score(self):\n'
        '        return self.model.score(self.rows)\n'
        '\n'
        '    def fill(self):\n',
    ),
    (
        'import os\n',
        'import asyncio\nimport os\n',
    ),
]
