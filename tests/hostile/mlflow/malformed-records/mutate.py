def mutate(cells):
    cells["answer-t1"]["source"] = """from grader.inside import tracking

tracking.runs = lambda experiment: [{'id': 5, 'metrics': {'total': 'many'}, 'extra': {}}]


def track(name, values):
    pass"""
