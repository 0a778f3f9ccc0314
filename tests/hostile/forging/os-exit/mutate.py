def mutate(cells):
    cells["answer-t1"]["source"] = """import os

os._exit(0)"""
