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
            'if: github.ref ==',
            'if: always() && github.ref ==',
        ),
    ],
    '.gitlab-ci.yml': [
        (
            '    - if: $CI_COMMIT_BRANCH == "main"\n',
            '    - if: $CI_COMMIT_BRANCH == "main"\n      when: always\n',
        ),
    ],
    '.travis.yml': [
        (
            '    - stage: build\n      script: ci/build.sh "$TRAVIS_COMMIT"\n',
            '',
        ),
        (
            '      script: ci/test.sh\n',
            '      script: ci/test.sh\n      after_success: ci/build.sh "$TRAVIS_COMMIT"\n',
        ),
        (
            '  - build\n',
            '',
        ),
    ],
    'Jenkinsfile': [
        (
            '            steps {\n                sh \'ci/build.sh "$GIT_COMMIT"\'\n',
            '            steps {\n                catchError(buildResult: \'UNSTABLE\', stageResult: \'FAILURE\') {\n                    sh \'ci/build.sh "$GIT_COMMIT"\'\n                }\n',
        ),
    ],
}
