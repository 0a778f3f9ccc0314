"""The reference with one mistake."""


def make(folder):
    path = folder / "project" / "pipeline.py"
    text = path.read_text()
    for right, wrong in CHANGES:
        assert right in text, right
        text = text.replace(right, wrong)
    path.write_text(text)


CHANGES = [
    (
        '    early, _ = rows_of(context.partition_key)\n',
        '    early = pd.concat(rows_of(context.partition_key))\n',
    ),
]
