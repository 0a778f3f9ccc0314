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
        '@dg.asset(partitions_def=MONTHS)\ndef flights(',
        '@dg.asset(name="load", partitions_def=MONTHS)\ndef flights(',
    ),
]
