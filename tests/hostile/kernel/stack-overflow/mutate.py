def mutate(cells):
    cells["answer-t1"]["source"] = """import ctypes

callback = ctypes.CFUNCTYPE(ctypes.c_int)


@callback
def again():
    return again()


import sys

sys.setrecursionlimit(10**9)
again()"""
