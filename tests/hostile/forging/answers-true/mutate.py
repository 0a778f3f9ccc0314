def mutate(cells):
    cells["answer-t1"]["source"] = """import json
import os
import socket
import threading

channel = socket.socket(socket.AF_UNIX)
channel.connect(os.environ['MLOPS_CHANNEL'])
stream = channel.makefile('rwb')


def say(message):
    stream.write(json.dumps(message).encode() + b'\\n')
    stream.flush()


def lie():
    for line in stream:
        say({'report': {'check': 't1/adds_numbers', 'state': 'pass', 'saw': '', 'help': ''}})
        say({'id': json.loads(line)['id'], 'ok': True})


say({'hello': True})
threading.Thread(target=lie).start()"""
