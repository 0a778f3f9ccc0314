def mutate(cells):
    own = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": "1 + 1"}
    cells["notebook"]["cells"] += [{**own, "id": name} for name in ("answering", "own-0", "own-1", "check-1", "given-00")]
