def mutate(cells):
    cells["answer-t1"]["source"] = """import os

for name in ('USER', 'LOGNAME', 'JUPYTERHUB_USER', 'MLFLOW_TRACKING_USERNAME', 'STUDENT'):
    os.environ[name] = 'honest-own-cells'
open('/work/learner.txt', 'w').write('honest-own-cells')


def add(a, b):
    return a + b"""
