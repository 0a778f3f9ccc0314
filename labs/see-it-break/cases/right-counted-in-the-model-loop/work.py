"""The reference, built otherwise in each file."""


def make(folder):
    for path, changes in CHANGES.items():
        file = folder / path
        text = file.read_text()
        for before, after in changes:
            assert before in text, before
            text = text.replace(before, after)
        file.write_text(text)


CHANGES = {
    "project/service.py": [
        (
            "            status, body = 200, does(json.loads(text))",
            "            with ERRORS.count_exceptions() if does is predict else contextlib.nullcontext():\n"
            "                status, body = 200, does(json.loads(text))",
        ),
        ("            if status != 200:\n                ERRORS.inc()\n", ""),
        ("import argparse\n", "import argparse\nimport contextlib\n"),
    ],
    "prometheus/rules.yml": [
        (
            'up{job="flights"} == 0 or absent(up{job="flights"})',
            'up{job="flights"} == 0 or on() (absent(up{job="flights"}))',
        ),
        ("[1d]", "[1440m]"),
    ],
    "alertmanager/alertmanager.yml": [("group_by: [alertname]", "group_by: [alertname, severity, job]")],
}
