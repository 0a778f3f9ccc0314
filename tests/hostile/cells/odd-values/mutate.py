def mutate(cells):
    cells["notebook"]["cells"] += [None, 5, "cell", [], {}, {"id": 5, "metadata": 3, "source": {"a": 1}, "cell_type": None}]
    cells["answer-t1"]["source"] = ["def add(a, b):\n", None, 5, "    return a + b"]
    cells["answer-t2"]["metadata"]["nbgrader"] = ["nbgrader"]
