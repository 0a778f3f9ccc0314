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
            'jobs:\n',
            'env:\n  DEPLOY_TOKEN: ${{ secrets.DEPLOY_TOKEN }}\n\njobs:\n',
        ),
    ],
    '.gitlab-ci.yml': [
        (
            'build:\n  stage: build\n',
            'build:\n  stage: build\n  environment: production\n',
        ),
    ],
    '.travis.yml': [
        (
            'stages:\n',
            'env:\n  global:\n    - secure: "bGF0ZS1mbGlnaHRzLURFUExPWV9UT0tFTg=="\n\nstages:\n',
        ),
    ],
    'Jenkinsfile': [
        (
            '    agent any\n',
            "    agent any\n    environment {\n        DEPLOY_TOKEN = credentials('deploy-token')\n    }\n",
        ),
    ],
}
