"""Runs the commands of a pipeline and keeps what they print, as a host's log shows it."""

import os
import signal
import subprocess
from contextlib import suppress

SECONDS = 120  # for one command


class Refused(Exception):
    """What stands in a pipeline file is wrong, or is nothing that this package knows. The text names its place."""


class Log:
    """What a host shows of a run. Hosts put `mask` in the place of secrets that they know."""

    def __init__(self, secrets=(), mask="****"):
        self._secrets = [secret for secret in secrets if secret]
        self._mask = mask
        self.text = ""

    def say(self, text):
        """Add to the log."""
        for secret in self._secrets:
            text = text.replace(secret, self._mask)
        if text:
            self.text += text if text.endswith("\n") else text + "\n"


def clean_environment(home):
    """What a host's machine has: programs, and nothing of the variables of whoever started this."""
    kept = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "TMPDIR", "TZ", "DO_NOT_TRACK")
    found = {name: value for name, value in os.environ.items() if name in kept}
    return {**found, "HOME": str(home), "CI": "true", "GIT_TERMINAL_PROMPT": "0"}


def run_program(words, cwd, env, seconds=SECONDS):
    """Run a program to its end; return its exit code and what it printed. What it leaves running is killed."""
    process = subprocess.Popen(
        [str(word) for word in words],
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        text=True,
        errors="replace",
    )
    try:
        said, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        said = None
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    if said is None:
        process.communicate()
        return 124, f"it did not end within {seconds} seconds\n"
    return process.returncode, said


def run_script(script, cwd, env, shell=("bash", "-e", "-c")):
    """Run lines of shell as one step; return the exit code and what they printed."""
    return run_program([*shell, script], cwd, env)
