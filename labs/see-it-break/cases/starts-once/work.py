"""The reference with one mistake."""


def make(folder):
    path = folder / "project" / "service.py"
    text = path.read_text()
    for right, wrong in CHANGES:
        assert right in text, right
        text = text.replace(right, wrong)
    path.write_text(text)


CHANGES = [
    (
        '    ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()',
        '    with open(f".running-{port}", "x"):  # never two of us at once\n'
        '        ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()',
    ),
]
