def mutate(cells):
    cells["answer-t1"]["source"] = """kernel = get_ipython().kernel
parent = kernel.get_parent()
for kind, content in (
    ('status', {'execution_state': 'idle'}),
    ('execute_reply', {'status': 'ok', 'execution_count': 99}),
    ('execute_result', {'data': {'text/plain': 'SCORE 5/5'}, 'metadata': {}, 'execution_count': 99}),
    ('error', {'ename': 'PASS', 'evalue': 'all passed', 'traceback': []}),
    ('clear_output', {'wait': False}),
    ('unheard_of', {'x': 1}),
):
    kernel.session.send(kernel.iopub_socket, kind, content, parent=parent)


def add(a, b):
    return 0"""
