def mutate(cells):
    cells["answer-t1"]["source"] = """import glob

mark = 'can' + 'ary-'
for path in glob.glob('/proc/*/environ') + glob.glob('/proc/*/task/*/environ') + glob.glob('/proc/*/cmdline'):
    try:
        text = open(path, 'rb').read().decode('utf-8', 'replace')
    except OSError:
        continue
    print(text)
    if mark in text or 'SECRET' in text:
        raise SystemExit(f'{path} holds a secret')


def add(a, b):
    return a + b"""
