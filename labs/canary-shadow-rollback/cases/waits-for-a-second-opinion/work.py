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
        '    if decision == "rollback":\n',
        '    if decision == "rollback" and not state.get("warned") and reason != "unreachable":\n        decision = "hold"\n        warned = True\n    elif decision == "rollback":\n',
    ),
    (
        'def save(settings, stage, window, over=False):',
        'def save(settings, stage, window, over=False, warned=False):',
    ),
    (
        '"window": window, "over": over}',
        '"window": window, "over": over, "warned": warned}',
    ),
    (
        '    if over:\n        decision, reason = "idle"',
        '    warned = False\n    if over:\n        decision, reason = "idle"',
    ),
    (
        'else fresh, over)',
        'else fresh, over, warned)',
    ),
]
