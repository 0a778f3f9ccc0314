def mutate(cells):
    cells["answer-t1"]["source"] = """import socket

if [name for _, name in socket.if_nameindex() if name not in ('lo', 'tunl0', 'sit0', 'ip6tnl0', 'gre0', 'gretap0', 'erspan0', 'ip_vti0', 'ip6_vti0', 'ip6gre0')]:
    raise SystemExit('has an interface')
if len(open('/proc/net/route').read().splitlines()) > 1:
    raise SystemExit('has a route')
for family, kind, number in ((socket.AF_PACKET, socket.SOCK_RAW, 3), (socket.AF_INET, socket.SOCK_RAW, 1)):
    try:
        socket.socket(family, kind, number)
    except OSError:
        continue
    raise SystemExit('sends raw packets')


def add(a, b):
    return a + b"""
