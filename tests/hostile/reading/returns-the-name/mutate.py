def mutate(cells):
    cells["answer-t1"]["source"] = """def add(a, b):
    globals()[str(b)] = b
    get_ipython().user_ns[str(b)] = b
    get_ipython().history_manager.store_inputs(1, str(b))
    return a + b"""
