def mutate(cells):
    own = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    cells["notebook"]["cells"].append({**own, "id": "mine", "source": "# a note to myself"})
    cells["notebook"]["cells"].append({**own, "id": "mine2", "source": "   "})
