def mutate(cells):
    cells["answer-t1"]["source"] = """for path in ('/proc/sys/kernel/core_pattern', '/proc/sys/kernel/hostname', '/proc/sysrq-trigger', '/proc/sys/vm/drop_caches', '/sys/fs/cgroup/memory/memory.limit_in_bytes', '/sys/fs/cgroup/memory/release_agent', '/sys/fs/cgroup/memory.max', '/sys/fs/cgroup/pids.max', '/sys/fs/cgroup/pids/pids.max', '/sys/kernel/mm/transparent_hugepage/enabled'):
    try:
        with open(path, 'w') as file:
            file.write('1')
    except OSError:
        continue
    raise SystemExit(f'wrote {path}')


def add(a, b):
    return a + b"""
