def mutate(cells):
    cells["answer-t1"]["source"] = """import ctypes

ctypes.string_at(1)"""
