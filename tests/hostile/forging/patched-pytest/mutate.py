def mutate(cells):
    cells["answer-t1"]["source"] = """import builtins
import sys

builtins.AssertionError = type('Quiet', (Exception,), {})
sys.flags = type('Flags', (), {'optimize': 2})()
__debug__name = False


def add(a, b):
    return 0"""
