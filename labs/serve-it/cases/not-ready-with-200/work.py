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
        '    return JSONResponse({"ready": there}, status_code=200 if there else 503)',
        '    return {"ready": there}',
    ),
]
