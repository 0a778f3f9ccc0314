def mutate(cells):
    cells["answer-t1"]["source"] = """calls = []


def add(a, b):
    calls.append(a)
    return {1: 3}.get(a, len(calls))"""
