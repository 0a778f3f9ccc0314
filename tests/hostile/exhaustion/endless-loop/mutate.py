def mutate(cells):
    cells["answer-t1"]["source"] = """while True:
    pass"""
