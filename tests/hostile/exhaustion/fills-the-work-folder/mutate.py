def mutate(cells):
    cells["answer-t1"]["source"] = """with open('hog', 'wb') as hog:
    while True:
        hog.write(bytes(2**20))"""
