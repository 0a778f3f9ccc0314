def mutate(cells):
    cells["answer-t1"]["source"] = """from IPython.display import HTML, Javascript, display

display(HTML('<script>fetch("http://127.0.0.1:9/stolen")</script><img src=x onerror=alert(1)><iframe srcdoc="<script>alert(1)</script>"></iframe>'))
display(Javascript('alert(document.cookie)'))


def add(a, b):
    return a + b"""
