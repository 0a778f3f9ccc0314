def mutate(cells):
    cells["answer-t1"]["source"] = r"""import os
from pathlib import Path

while True:
    for number in Path(f'/proc/{os.getppid()}/fd').iterdir():
        try:
            if 'pipe' in os.readlink(number):
                pipe = os.open(number, os.O_WRONLY | os.O_NONBLOCK)
                for _ in range(100):
                    os.write(pipe, b'K {}\n' * 10_000)
                os.close(pipe)
        except OSError:
            pass"""
