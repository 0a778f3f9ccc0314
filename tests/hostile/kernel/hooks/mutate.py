def mutate(cells):
    cells["answer-t1"]["source"] = """def hook(*_):
    raise SystemExit


for name in ('pre_run_cell', 'post_run_cell', 'pre_execute', 'post_execute'):
    get_ipython().events.register(name, hook)


def add(a, b):
    return a + b"""
