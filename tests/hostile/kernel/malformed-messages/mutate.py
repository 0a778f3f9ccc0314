def mutate(cells):
    cells["answer-t1"]["source"] = """kernel = get_ipython().kernel
parent = kernel.get_parent()
for content in ({}, {'data': 5}, {'name': 3, 'text': None}, {'data': {'text/plain': {'a': [1]}}, 'metadata': 3}):
    for kind in ('unheard_of', 'comm_open', 'comm_msg'):
        kernel.session.send(kernel.iopub_socket, kind, content, parent=parent)


def add(a, b):
    return a + b"""
