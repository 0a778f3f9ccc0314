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
            '      - run: ci/evaluate.sh\n',
            '      - run: ci/evaluate.sh\n        continue-on-error: true\n',
        ),
    ],
    '.gitlab-ci.yml': [
        (
            '    - ci/evaluate.sh\n',
            '    - ci/evaluate.sh || echo "worse, perhaps next time"\n',
        ),
    ],
    '.circleci/config.yml': [
        (
            'requires: [evaluate, build]',
            'requires: [build]',
        ),
    ],
    'Jenkinsfile': [
        (
            "sh 'ci/evaluate.sh'",
            "sh(script: 'ci/evaluate.sh', returnStatus: true)",
        ),
    ],
}
