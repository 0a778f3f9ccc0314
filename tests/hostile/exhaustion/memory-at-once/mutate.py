def mutate(cells):
    cells["answer-t1"]["source"] = """hog = b'x' * 10**10"""
