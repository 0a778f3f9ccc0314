def mutate(cells):
    cells["answer-t1"]["source"] = """import os
from pathlib import Path

while True:
    for number in Path(f'/proc/{os.getppid()}/fd').iterdir():
        try:
            if 'pipe' in os.readlink(number):
                pipe = os.open(number, os.O_WRONLY | os.O_NONBLOCK)
                for _ in range(100):
                    os.write(pipe, b'x' * 2**16)
                os.close(pipe)
        except OSError:
            pass"""
