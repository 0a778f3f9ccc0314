def mutate(cells):
    own = {"cell_type": "code", "id": "mine", "metadata": {}, "outputs": [], "execution_count": None}
    source = "raise type('<script>alert(1)</script>', (Exception,), {})('=HYPERLINK(1)')"
    cells["notebook"]["cells"].append({**own, "source": source})
