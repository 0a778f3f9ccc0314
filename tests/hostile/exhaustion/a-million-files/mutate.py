def mutate(cells):
    cells["answer-t1"]["source"] = """for number in range(1_000_000):
    open(f'/tmp/{number}', 'w').close()"""
