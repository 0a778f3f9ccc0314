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
        '    threading.Thread(target=held.fill, daemon=True).start()\n',
        '    threading.Thread(target=held.fill, daemon=True).start()\n'
        '    threading.Thread(target=watch).start()\n',
    ),
    (
        'class Holder:',
        'def watch():\n'
        '    """Look for a new model every ten seconds."""\n'
        '    while True:\n'
        '        time.sleep(10)\n'
        '\n'
        '\n'
        'class Holder:',
    ),
    (
        'import threading\n',
        'import threading\n'
        'import time\n',
    ),
]
