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
            'secrets.DEPLOY_TOKEN',
            'secrets.DEPLOYMENT_TOKEN',
        ),
    ],
    '.gitlab-ci.yml': [
        (
            '    - if: $CI_COMMIT_BRANCH == "main"\n',
            '    - if: $CI_COMMIT_BRANCH == "main"\n      when: manual\n',
        ),
    ],
    '.travis.yml': [
        (
            '      script: ci/deploy.sh "$TRAVIS_COMMIT"\n',
            '      script: skip\n      deploy:\n        provider: script\n        script: ci/deploy.sh "$TRAVIS_COMMIT"\n',
        ),
    ],
    'Jenkinsfile': [
        (
            "branch 'main'",
            "branch 'master'",
        ),
    ],
}
