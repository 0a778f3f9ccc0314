"""The reference with one mistake."""


def make(folder):
    path = folder / "project" / "service.py"
    text = path.read_text()
    for right, wrong in CHANGES:
        assert right in text, right
        text = text.replace(right, wrong)
    path.write_text(text)


CHANGES = [
    ('SECONDS.observe(time.perf_counter() - began)', 'SECONDS.observe(1000 * (time.perf_counter() - began))'),
]
