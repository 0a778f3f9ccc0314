def mutate(cells):
    cells["answer-t1"]["source"] = """shell = get_ipython()
shell.run_cell = shell.run_cell_async = lambda *_, **__: None"""
