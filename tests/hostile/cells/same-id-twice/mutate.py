def mutate(cells):
    cells["notebook"]["cells"].append({**cells["answer-t1"], "source": "def add(a, b):\n    return 0"})
