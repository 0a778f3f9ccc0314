def mutate(cells):
    cells["notebook"]["metadata"]["kernelspec"] = {"name": "../../../tmp/evil", "argv": ["sh", "-c", "exit 1"], "language": "bash"}
    cells["notebook"]["metadata"]["language_info"] = {"name": "bash", "mimetype": "text/x-sh", "codemirror_mode": 5}
