def mutate(cells):
    cells["answer-t1"]["source"] = """import subprocess

subprocess.Popen(['sleep', '100000'], start_new_session=True)


def add(a, b):
    return a + b"""
