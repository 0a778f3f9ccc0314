def mutate(cells):
    cells["answer-t1"]["source"] = """import ctypes

libc = ctypes.CDLL(None, use_errno=True)
# init_module, kexec_load, bpf, perf_event_open, open_by_handle_at, settimeofday, reboot, swapon, userfaultfd
for number in (175, 246, 321, 298, 304, 164, 169, 167, 323):
    if libc.syscall(number, 0, 0, 0, 0, 0) >= 0:
        raise SystemExit(f'system call {number} is allowed')


def add(a, b):
    return a + b"""
