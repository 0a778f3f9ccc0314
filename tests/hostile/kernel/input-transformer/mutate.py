def mutate(cells):
    cells["answer-t1"]["source"] = (
        """get_ipython().input_transformers_cleanup.append(lambda lines: ['pass'])"""
    )
