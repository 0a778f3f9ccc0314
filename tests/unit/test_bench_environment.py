from pathlib import Path

from grader.inside.bench import Bench


def test_dvc_keeps_its_own_files_inside_the_bench(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    shown = "import os; print(os.environ['DVC_SITE_CACHE_DIR'])"
    done = bench.answer(
        {"op": "run", "command": ["python3", "-c", shown], "cwd": "", "env": {}, "stdin": None, "seconds": 30}
    )
    assert Path(done["ok"]["out"].strip()).is_relative_to(tmp_path)
