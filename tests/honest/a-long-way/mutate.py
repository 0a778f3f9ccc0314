def mutate(cells):
    cells["answer-t1"]["source"] = """class Adder:
    def __call__(self, a, b):
        parts = (part for part in (a, b))
        total = next(parts)
        for part in parts:
            total = total + part
        return total


add = Adder()"""
    cells["answer-t2"]["source"] = "scaled = lambda value: sum(value for _ in range(FACTOR))"
