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
            '    needs: test\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n',
            '    needs: test\n    runs-on: ubuntu-latest\n    steps:\n',
        ),
    ],
    '.gitlab-ci.yml': [
        (
            '  rules:\n    - if: $CI_COMMIT_BRANCH == "main"\n',
            '  only: [main]\n',
        ),
    ],
    '.circleci/config.yml': [
        (
            'requires: [test]',
            'needs: [test]',
        ),
    ],
    'Jenkinsfile': [
        (
            "            when { branch 'main' }\n",
            '',
        ),
        (
            '                sh \'ci/deploy.sh "$GIT_COMMIT"\'\n',
            '                script {\n                    if (env.BRANCH_NAME == \'main\') {\n                        sh \'ci/deploy.sh "$GIT_COMMIT"\'\n                    }\n                }\n',
        ),
    ],
}
