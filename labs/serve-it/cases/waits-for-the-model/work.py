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
        '    if model is None:\n'
        '        return JSONResponse({"errors": [{"where": "service", "what": "still loading"}]}, status_code=503)\n',
        '    while model is None:\n'
        '        time.sleep(0.1)\n'
        '        model = held.model\n',
    ),
    (
        'import threading\n',
        'import threading\n'
        'import time\n',
    ),
]
