import sys
from pathlib import Path

project = Path(sys.argv[1]) / "learner" / "project"
project.mkdir(parents=True)
(project / "secret.txt").write_text("handed out")
