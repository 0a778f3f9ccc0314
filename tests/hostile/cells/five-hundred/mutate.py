def mutate(cells):
    own = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": "1"}
    cells["notebook"]["cells"] += [{**own, "id": f"mine-{n}"} for n in range(500)]
