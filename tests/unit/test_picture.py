from __future__ import annotations

from mlops_labs.picture import Picture, TaskLine

FAILED = TaskLine(
    "t2", "Log val_auc", "fail", "metrics ['loss']", "Log it inside `with mlflow.start_run():`."
)


def test_the_picture_of_the_design() -> None:
    shown = Picture(
        "defend-your-runs",
        3,
        "Runs you can defend",
        [TaskLine("t1", "Start a run", "pass"), FAILED],
        more_checks=6,
    )
    assert shown.text().splitlines() == [
        "Lab 03 Runs you can defend   1/2 tasks   [#####-----]",
        "PASS t1  Start a run",
        "FAIL t2  Log val_auc",
        "     Saw: metrics ['loss'].  Log it inside `with mlflow.start_run():`.",
        "Public checks only: 6 more run when you submit.",
        "Next: mlops hint defend-your-runs t2",
    ]
    assert 'lab.hint("t2")' in repr(shown)


def test_passing_public_checks_never_say_that_all_is_done() -> None:
    shown = Picture("x", 1, "X", [TaskLine("t1", "One", "pass")], more_checks=3)
    assert "3 more run when you submit" in shown.text()
    assert "All tasks passed" not in shown.text()
    assert "Next: mlops submit x" in shown.text()


def test_one_task_of_several_is_not_counted_as_if_it_were_all() -> None:
    shown = Picture("x", 1, "X", [TaskLine("t1", "One", "pass")], partial=True)
    assert shown.text().splitlines()[0] == "Lab 01 X"
    assert "tasks" not in shown._repr_html_()
    assert "Next: go on with the next task." in shown.text()


def test_a_fault_of_ours_is_told_as_ours() -> None:
    text = Picture("x", 1, "X", [TaskLine("t1", "One", "error", "secret detail", "")]).text()
    assert "OURS t1" in text
    assert "not your fault" in text
    assert "secret detail" not in text


def test_everything_from_outside_is_escaped_in_html() -> None:
    evil = "<script>alert(1)</script>"
    shown = Picture("x", 1, evil, [TaskLine("t1", evil, "fail", evil, evil)], message=evil, notes=[evil])
    assert "<script>" not in shown._repr_html_()
    assert shown._repr_html_().count("&lt;script&gt;") >= 5


def test_state_is_told_in_words_in_html_too() -> None:
    html = Picture("x", 1, "X", [FAILED, TaskLine("t3", "Three", "blocked", "waits for t2")])._repr_html_()
    assert "FAIL" in html
    assert "WAIT" in html
    assert "Waits for t2." in html
