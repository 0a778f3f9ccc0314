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
        "            self.send(200, generate_latest(), CONTENT_TYPE_LATEST)",
        "            time.sleep(3)\n            self.send(200, generate_latest(), CONTENT_TYPE_LATEST)",
    ),
]
