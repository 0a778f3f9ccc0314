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
            'on:\n  push:\n    branches: [main]',
        ),
    ],
    '.gitlab-ci.yml': [
        (
            'test:\n  stage: check\n',
            'test:\n  stage: check\n  rules: [{if: \'$CI_COMMIT_BRANCH == "main"\'}]\n',
        ),
    ],
    '.travis.yml': [
        (
            'language: python\n',
            'language: python\nbranches:\n  only: [main]\n',
        ),
    ],
    'Jenkinsfile': [
        (
            "        stage('Evaluate') {\n",
            "        stage('Evaluate') {\n            when { branch 'main' }\n",
        ),
    ],
}
