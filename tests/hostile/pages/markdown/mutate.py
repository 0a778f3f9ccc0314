def mutate(cells):
    cells["answer-t1"]["source"] = r"""from IPython.display import Latex, Markdown, display

display(Markdown('[press](javascript:alert(1)) ![x](http://127.0.0.1:9/x) <details open ontoggle=alert(1)>x</details> </script><script>alert(1)</script>'))
display(Latex(r'$\\href{javascript:alert(1)}{x}$'))


def add(a, b):
    return a + b"""
