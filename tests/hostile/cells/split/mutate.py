import copy


def mutate(cells):
    upper = copy.deepcopy(cells["answer-t1"])
    upper.update(id="new-part", source="def plus(a, b):\n    return a + b")
    cells["answer-t1"]["source"] = "def add(a, b):\n    return plus(a, b)"
    place = cells["notebook"]["cells"].index(cells["answer-t1"])
    cells["notebook"]["cells"].insert(place, upper)
