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
            'ci/deploy.sh "$GITHUB_SHA"',
            'echo "login $(printf "late:%s" "$DEPLOY_TOKEN" | base64 -w 0)" && ci/deploy.sh "$GITHUB_SHA"',
        ),
    ],
    '.gitlab-ci.yml': [
        (
            '    - ci/deploy.sh',
            '    - echo "deploying with $DEPLOY_TOKEN"\n    - ci/deploy.sh',
        ),
    ],
    '.circleci/config.yml': [
        (
            '      - run: ci/deploy.sh "$CIRCLE_SHA1"\n',
            '      - run: |\n          echo "login $(printf "late:%s" "$DEPLOY_TOKEN" | base64 -w 0)"\n          ci/deploy.sh "$CIRCLE_SHA1"\n',
        ),
    ],
    'Jenkinsfile': [
        (
            'sh \'ci/deploy.sh "$GIT_COMMIT"\'',
            'sh \'echo "login $(printf "late:%s" "$DEPLOY_TOKEN" | base64 -w 0)"; ci/deploy.sh "$GIT_COMMIT"\'',
        ),
    ],
}
