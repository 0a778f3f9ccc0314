def mutate(cells):
    cells["answer-t1"]["source"] = """for _ in range(10**8):
    print('x' * 100)"""
