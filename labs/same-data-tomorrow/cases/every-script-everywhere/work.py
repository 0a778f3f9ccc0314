import runpy
from pathlib import Path

tool = runpy.run_path(str(Path(__file__).parents[2] / "reference" / "work.py"))
SET_UP, FIRST, SECOND, PIPELINE, RUN = (tool[name] for name in ("SET_UP", "FIRST", "SECOND", "PIPELINE", "RUN"))


def make(folder):
    scripts = "".join(f"-d {name}.py " for name in ("prepare", "train", "evaluate", "features"))
    stages = []
    for command in PIPELINE:
        words = command.split(" -d ")
        words = [words[0], *(word for word in words[1:] if not word.startswith(("prepare.py", "train.py", "evaluate.py", "features.py")))]
        stages.append(" -d ".join(words).replace(" -q -n", f" -q {scripts}-n"))
    tool["build"](folder, [*SET_UP, *FIRST, *SECOND, *stages, *RUN])
