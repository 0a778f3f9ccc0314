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
            'ci/test.sh',
            'ci/test.sh || true',
        ),
    ],
    '.gitlab-ci.yml': [
        (
            'test:\n  stage: check\n',
            'test:\n  stage: check\n  allow_failure: true\n',
        ),
    ],
    '.travis.yml': [
        (
            '    - stage: check\n      name: test\n      script: ci/test.sh\n    - stage: check\n      name: evaluate\n      script: ci/evaluate.sh\n    - stage: build\n      script: ci/build.sh "$TRAVIS_COMMIT"\n',
            '    - stage: check\n      script:\n        - ci/test.sh\n        - ci/evaluate.sh\n        - ci/build.sh "$TRAVIS_COMMIT"\n',
        ),
    ],
    'Jenkinsfile': [
        (
            "                sh 'ci/test.sh'\n",
            "                catchError(stageResult: 'FAILURE') {\n                    sh 'ci/test.sh'\n                }\n",
        ),
    ],
}
