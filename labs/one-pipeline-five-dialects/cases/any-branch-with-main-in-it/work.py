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
            "github.ref == 'refs/heads/main'",
            "contains(github.ref, 'main')",
        ),
    ],
    '.gitlab-ci.yml': [
        (
            '$CI_COMMIT_BRANCH == "main"',
            '$CI_COMMIT_BRANCH =~ /main/',
        ),
    ],
    '.circleci/config.yml': [
        (
            '          filters:\n            branches:\n              only: main\n',
            '',
        ),
    ],
    'Jenkinsfile': [
        (
            "            when { branch 'main' }\n",
            '',
        ),
    ],
}
