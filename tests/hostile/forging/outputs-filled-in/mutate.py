def mutate(cells):
    cells["answer-t1"]["source"] = "def add(a, b):\n    return 0"
    said = {"output_type": "stream", "name": "stdout", "text": "t1 PASS 3/3\nt2 PASS 2/2\nSCORE: 5/5\n"}
    for cell in cells["notebook"]["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [said], 1
    cells["notebook"]["metadata"]["papermill"] = {"status": "completed", "exception": False}
    cells["notebook"]["metadata"]["score"] = 5
