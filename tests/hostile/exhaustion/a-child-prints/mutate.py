def mutate(cells):
    cells["answer-t1"]["source"] = """import subprocess

subprocess.run(['yes', 'x' * 70])"""
