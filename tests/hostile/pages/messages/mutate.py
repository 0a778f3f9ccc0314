def mutate(cells):
    own = {"cell_type": "code", "id": "mine", "metadata": {}, "outputs": [], "execution_count": None}
    source = "raise ValueError('</pre><script>alert(1)</script><img src=x onerror=alert(1)>\\x1b[31m{{ 7*7 }}')"
    cells["notebook"]["cells"].append({**own, "source": source})
