def mutate(cells):
    cells["answer-t1"]["source"] = """from IPython.display import SVG, display

display(SVG('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(2)</script><foreignObject><body onload="alert(3)"/></foreignObject><image href="http://127.0.0.1:9/x"/></svg>'))


def add(a, b):
    return a + b"""
