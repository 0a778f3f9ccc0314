"""The reference with the same kind of mistake in several dialects."""


def make(folder):
    for name, changes in CHANGES.items():
        path = folder / "project" / name
        text = path.read_text()
        for right, wrong in changes:
            assert right in text, right
            text = text.replace(right, wrong)
        path.write_text(text)


CHANGES = {
    '.github/workflows/ci.yml': [
        (
            'on: [push]',
            'on: [push, pull_request]',
        ),
        (
            "github.ref == 'refs/heads/main'",
            "github.ref_name == 'main' || github.base_ref == 'main'",
        ),
    ],
    '.travis.yml': [
        (
            'branch = main AND type = push',
            'branch = main',
        ),
    ],
    'Jenkinsfile': [
        (
            "when { branch 'main' }",
            "when { anyOf { branch 'main'; changeRequest() } }",
        ),
    ],
}
