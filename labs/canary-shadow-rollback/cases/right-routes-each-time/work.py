"""The reference with other habits."""


def make(folder):
    path = folder / "project" / "controller.py"
    text = path.read_text()
    for one, other in CHANGES:
        assert one in text, one
        text = text.replace(one, other)
    path.write_text(text)


CHANGES = [
    (
        '    if stage != state["stage"]:\n        go_to(settings, stage)\n',
        '    go_to(settings, stage)\n',
    ),
    (
        'json.dumps(routes(settings, stage), indent=2)',
        'f"# {datetime.now(UTC)}\\n" + json.dumps(routes(settings, stage), indent=2)',
    ),
    (
        'for name, share in shares.items() if share]',
        'for name, share in shares.items()]',
    ),
]
