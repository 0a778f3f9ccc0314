def mutate(cells):
    cells["answer-t1"]["source"] = """from IPython.display import HTML

while True:
    display(HTML('<p>' + 'x' * 2000))"""
