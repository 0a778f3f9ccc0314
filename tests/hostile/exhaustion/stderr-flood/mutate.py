def mutate(cells):
    cells["answer-t1"]["source"] = """import sys

while True:
    print('x' * 1000, file=sys.stderr)"""
