def mutate(cells):
    cells["answer-t1"]["source"] = """hog = []
while True:
    hog.append(b'x' * 50_000_000)"""
