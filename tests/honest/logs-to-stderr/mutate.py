def mutate(cells):
    cells["answer-t1"]["source"] = """import logging
import sys
import warnings

logging.basicConfig(stream=sys.stderr, level=logging.DEBUG)
warnings.warn('a warning')
sys.stderr.write('noise on stderr')


def add(a, b):
    logging.warning('adding')
    warnings.warn('adding')
    print('adding', file=sys.stderr)
    return a + b"""
