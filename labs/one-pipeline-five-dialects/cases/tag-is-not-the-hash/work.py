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
            'ci/build.sh "$GITHUB_SHA"',
            'ci/build.sh "${GITHUB_SHA::7}"',
        ),
        (
            'ci/deploy.sh "$GITHUB_SHA"',
            'ci/deploy.sh "${GITHUB_SHA::7}"',
        ),
    ],
    '.gitlab-ci.yml': [
        (
            '$CI_COMMIT_SHA',
            '$CI_COMMIT_SHORT_SHA',
        ),
    ],
    '.travis.yml': [
        (
            '"$TRAVIS_COMMIT"',
            'latest',
        ),
    ],
    'Jenkinsfile': [
        (
            '$GIT_COMMIT',
            '$BUILD_NUMBER',
        ),
    ],
}
