def mutate(cells):
    cells["check-t1"]["metadata"]["nbgrader"]["points"] = 1000
    cells["check-t2"]["metadata"]["nbgrader"] = {
        **cells["check-t1"]["metadata"]["nbgrader"],
        "grade_id": "bonus",
    }
