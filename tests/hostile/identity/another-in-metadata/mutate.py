def mutate(cells):
    for key in ("learner", "student", "student_id", "user", "author", "attempt", "opaque"):
        cells["notebook"]["metadata"][key] = "honest-own-cells"
    cells["notebook"]["metadata"]["nbgrader"] = {"student": "honest-own-cells"}
    cells["notebook"]["metadata"]["authors"] = [{"name": "honest-own-cells"}]
    for cell in cells["notebook"]["cells"]:
        cell["metadata"]["tags"] = ["learner:honest-own-cells"]
