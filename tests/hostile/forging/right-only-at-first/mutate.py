def mutate(cells):
    cells["answer-t2"]["source"] = """def scaled(a):
    return a * 2"""
