def mutate(cells):
    cells["answer-t1"]["source"] = """import os
import signal

os.kill(os.getpid(), signal.SIGKILL)"""
