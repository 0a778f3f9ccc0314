def mutate(cells):
    cells["answer-t1"]["source"] = """kept = []


def add(a, b):
    kept.append(b)
    with open('/work/kept.txt', 'a') as file:
        file.write(str(b))
    os.environ['KEPT'] = str(b)
    return a + b


import os"""
    cells["answer-t2"]["source"] = """def scaled(a):
    raise RuntimeError(' '.join(map(str, kept)))"""
