def mutate(cells):
    bad = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    for kind in ("markdown", "raw"):
        cells["notebook"]["cells"].append({"cell_type": kind, "id": f"bad-{kind}", "metadata": {"format": "text/html"}, "source": bad})
    cells["answer-t1"]["outputs"] = [{"output_type": "display_data", "data": {"text/html": bad}, "metadata": {}}]
    cells["notebook"]["metadata"]["title"] = bad
    cells["notebook"]["metadata"]["widgets"] = {"application/vnd.jupyter.widget-state+json": {"state": {"x": bad}}}
