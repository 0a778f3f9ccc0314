def mutate(cells):
    own = {"cell_type": "code", "id": "mine", "metadata": {"tags": ["parameters", "injected-parameters"]}}
    cells["notebook"]["cells"].append({**own, "outputs": [], "execution_count": None, "source": "FACTOR = 7"})
    cells["answer-t2"]["metadata"]["tags"] = ["parameters"]
    cells["answer-t2"]["source"] = "TIMES = FACTOR\n\n\ndef scaled(a):\n    return a * TIMES"
