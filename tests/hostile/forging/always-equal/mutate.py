def mutate(cells):
    cells["answer-t1"]["source"] = """class Yes(int):
    def __eq__(self, other):
        return True

    __hash__ = None


def add(a, b):
    return Yes(0)"""
