"""The reference with one mistake."""


def make(folder):
    path = folder / "prometheus" / "rules.yml"
    text = path.read_text()
    for right, wrong in CHANGES:
        assert right in text, right
        text = text.replace(right, wrong)
    path.write_text(text)


CHANGES = [
    ('histogram_quantile(0.95, sum by (le) (rate(predict_seconds_bucket{job="flights"}[5m]))) > 0.5', 'sum(rate(predict_seconds_sum{job="flights"}[5m])) / sum(rate(predict_seconds_count{job="flights"}[5m])) > 0.5'),
]
