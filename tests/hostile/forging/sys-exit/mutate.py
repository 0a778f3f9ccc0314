def mutate(cells):
    cells["answer-t1"]["source"] = """import sys

sys.exit(0)"""
