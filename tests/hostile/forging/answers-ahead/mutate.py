def mutate(cells):
    cells["answer-t1"]["source"] = r"""import grader.inside.agent

honest = grader.inside.agent.wire.dumps


class Ahead:
    loads = staticmethod(grader.inside.agent.wire.loads)

    @staticmethod
    def dumps(value):
        ahead = [honest({'id': value.get('id', 0) + n, 'ok': 3}) for n in range(1, 50)]
        return b'\n'.join([honest(value), *ahead])


grader.inside.agent.wire = Ahead


def add(a, b):
    return 0"""
