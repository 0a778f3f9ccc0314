def mutate(cells):
    cells["notebook"]["metadata"]["kernelspec"] = {"name": "evil", "display_name": "evil", "language": "c"}
