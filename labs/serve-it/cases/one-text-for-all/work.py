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
        '    return JSONResponse({"errors": wrong}, status_code=422)',
        '    text = f"{len(wrong)} wrong: rows need carrier, origin, dest, month, hour, distance"\n'
        '    return JSONResponse({"errors": text}, status_code=422)',
    ),
]
