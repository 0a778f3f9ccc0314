import subprocess
from pathlib import Path

MODULE = Path(__file__).resolve().parents[1] / "lateness/flights.py"


def test_nobody_has_changed_it():
    shown = subprocess.run(["git", "show", "HEAD:lateness/flights.py"], capture_output=True, text=True, check=True)
    assert MODULE.read_text() == shown.stdout
