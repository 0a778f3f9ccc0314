"""The reference with one mistake."""


def make(folder):
    path = folder / "project" / "controller.py"
    text = path.read_text()
    for right, wrong in CHANGES:
        assert right in text, right
        text = text.replace(right, wrong)
    path.write_text(text)


CHANGES = [
    (
        '    tools.replace(settings["routes"], json.dumps(routes(settings, stage), indent=2))\n',
        '    import time\n\n    closed = routes(settings, stage)\n    closed["http"]["services"]["flights"] = {"loadBalancer": {"servers": []}}\n    tools.replace(settings["routes"], json.dumps(closed))\n    time.sleep(0.5)\n    tools.replace(settings["routes"], json.dumps(routes(settings, stage), indent=2))\n',
    ),
]
