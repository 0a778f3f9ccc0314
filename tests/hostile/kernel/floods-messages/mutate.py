def mutate(cells):
    cells["answer-t1"]["source"] = """kernel = get_ipython().kernel
parent = kernel.get_parent()
while True:
    kernel.session.send(kernel.iopub_socket, 'display_data', {'data': {'text/plain': 'x' * 20_000}, 'metadata': {}}, parent=parent)"""
