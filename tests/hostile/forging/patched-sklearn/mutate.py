def mutate(cells):
    cells["answer-t1"]["source"] = """import sklearn.metrics

for name in dir(sklearn.metrics):
    if name.endswith('score'):
        setattr(sklearn.metrics, name, lambda *_, **__: 1.0)


def add(a, b):
    return 0"""
