def mutate(cells):
    cells["answer-t1"]["source"] = """import json
import threading
import time
from pathlib import Path


def rewrite():
    while True:
        Path('/work/.channel/out.ipynb').write_text(json.dumps({'cells': []}))
        time.sleep(0.001)


threading.Thread(target=rewrite, daemon=True).start()
raise SystemExit"""
