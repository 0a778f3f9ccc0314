"""The reference with one mistake."""


def make(folder):
    path = folder / "prometheus" / "rules.yml"
    text = path.read_text()
    for right, wrong in CHANGES:
        assert right in text, right
        text = text.replace(right, wrong)
    path.write_text(text)


CHANGES = [
    ('increase(outcomes_total{job="flights", result="cancelled"}[1d])', 'outcomes_total{job="flights", result="cancelled"}'),
    ('increase(outcomes_total{job="flights"}[1d])', 'outcomes_total{job="flights"}'),
]
