def mutate(cells):
    cells["check-t1"]["metadata"]["nbgrader"]["points"] = None
    cells["check-t2"]["metadata"]["nbgrader"].update(points=-5, schema_version=1, grade="yes")
