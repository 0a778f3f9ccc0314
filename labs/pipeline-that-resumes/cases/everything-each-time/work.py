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
        'if again or month not in instance.get_materialized_partitions(made.key)',
        'if made',
    ),
]
