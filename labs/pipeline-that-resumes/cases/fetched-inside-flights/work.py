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
        '',
    ),
    (
        '    rows = steps.clean(raw).assign',
        '    rows = steps.clean(steps.fetch(month)).assign',
    ),
    (
        'def flights(context, raw):',
        'def flights(context):',
    ),
    (
        '@dg.asset(partitions_def=MONTHS)\ndef flights',
        '@dg.asset(partitions_def=MONTHS, deps=[raw])\ndef flights',
    ),
]
