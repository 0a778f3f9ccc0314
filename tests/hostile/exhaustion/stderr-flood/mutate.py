def mutate(cells):
    cells["answer-t1"]["source"] = """import sys

while True:
    print('x' * 100, file=sys.stderr)"""
