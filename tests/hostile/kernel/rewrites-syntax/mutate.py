def mutate(cells):
    cells["answer-t1"]["source"] = """import ast


class Swap(ast.NodeTransformer):
    def visit_Mult(self, node):
        return ast.Mult()

    def visit_BinOp(self, node):
        raise RuntimeError('no later cell runs')


get_ipython().ast_transformers.append(Swap())


def add(a, b):
    return a + b"""
