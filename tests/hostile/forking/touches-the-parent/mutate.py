def mutate(cells):
    cells["answer-t1"]["source"] = r"""import ctypes
import os
import signal

libc = ctypes.CDLL(None, use_errno=True)
for pid in [int(name) for name in os.listdir('/proc') if name.isdigit()]:
    if os.stat(f'/proc/{pid}').st_uid == os.getuid() or pid == os.getpid():
        continue
    for number in (signal.SIGCONT, signal.SIGUSR1, signal.SIGKILL):
        try:
            os.kill(pid, number)
        except OSError:
            continue
        raise SystemExit(f'could signal {pid}')
    if libc.ptrace(16, pid, None, None) == 0:
        raise SystemExit(f'could trace {pid}')
    for name, mode in (('mem', 'rb'), ('mem', 'r+b'), ('environ', 'rb'), ('maps', 'rb'), ('oom_score_adj', 'r+b')):
        try:
            open(f'/proc/{pid}/{name}', mode).close()
        except OSError:
            continue
        raise SystemExit(f'could open {name} of {pid}')
    try:
        if os.listdir(f'/proc/{pid}/fd'):
            raise SystemExit(f'could see the files of {pid}')
    except OSError:
        pass


def add(a, b):
    return a + b"""
