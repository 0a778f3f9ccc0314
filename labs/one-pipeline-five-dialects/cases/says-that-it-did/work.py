"""The reference, with words in place of its commands."""

import re

FILES = (".github/workflows/ci.yml", ".gitlab-ci.yml", ".travis.yml", ".circleci/config.yml", "Jenkinsfile")


def make(folder):
    for name in FILES:
        path = folder / "project" / name
        text = re.sub(r"ci/(\w+)\.sh[^'\n]*", r"echo \1 ended well", path.read_text())
        path.write_text(text)
