def mutate(cells):
    cells["answer-t1"]["source"] = """kernel = get_ipython().kernel


async def do_execute(*args, **kwargs):
    return {'status': 'ok', 'execution_count': 7, 'payload': [], 'user_expressions': {}}


kernel.do_execute = do_execute"""
