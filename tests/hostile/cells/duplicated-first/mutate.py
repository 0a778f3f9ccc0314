import copy


def mutate(cells):
    twin = copy.deepcopy(cells["answer-t1"])
    twin.update(id="pasted", source="def add(a, b):\n    return 0")
    cells["notebook"]["cells"].insert(0, twin)
