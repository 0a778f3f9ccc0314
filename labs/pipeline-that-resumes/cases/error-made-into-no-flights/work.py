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
        '    return steps.fetch(context.partition_key)\n',
        '    try:\n        return steps.fetch(context.partition_key)\n    except steps.SourceError:\n        return pd.DataFrame(columns=["date", "hour", "carrier", "origin", "arr_delay"])\n',
    ),
]
