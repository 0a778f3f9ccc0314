def mutate(cells):
    cells["answer-t1"]["source"] = """import subprocess
import urllib.request

try:
    urllib.request.urlopen('http://93.184.216.34/', timeout=1)
    raise SystemExit('reaches the internet')
except OSError:
    pass
for command in (['git', 'ls-remote', 'git://93.184.216.34/x'],):
    if subprocess.run(command, capture_output=True, timeout=20).returncode == 0:
        raise SystemExit('reaches the internet')


def add(a, b):
    return a + b"""
