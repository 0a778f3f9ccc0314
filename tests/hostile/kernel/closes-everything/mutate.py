def mutate(cells):
    cells["answer-t1"]["source"] = """import os

os.closerange(0, 4096)"""
