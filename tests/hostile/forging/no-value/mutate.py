def mutate(cells):
    cells["answer-t1"]["source"] = """import grader.inside.agent


class Raw:
    loads = staticmethod(grader.inside.agent.wire.loads)

    @staticmethod
    def dumps(value):
        return ('{"id": %d, "raised": "pass"}' % value.get('id', 0)).encode()


grader.inside.agent.wire = Raw


def add(a, b):
    return 0"""
