def mutate(cells):
    own = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    place = cells["notebook"]["cells"].index(cells["answer-t1"])
    cells["notebook"]["cells"].insert(
        place, {**own, "id": "mine", "source": "import operator\n\nplus = operator.add"}
    )
    cells["answer-t1"]["source"] = "def add(a, b):\n    return plus(a, b)"
