def mutate(cells):
    cells["answer-t1"]["source"] = """def add(a, b):
    hog = []
    while True:
        hog.append(b'x' * 50_000_000)"""
