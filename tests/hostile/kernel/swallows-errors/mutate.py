def mutate(cells):
    cells["answer-t1"]["source"] = """import sys

get_ipython().set_custom_exc((BaseException,), lambda *_: None)
sys.excepthook = lambda *_: None
raise SystemExit"""
