def mutate(cells):
    cells["answer-t1"]["source"] = "%%bash\nexit 0"
