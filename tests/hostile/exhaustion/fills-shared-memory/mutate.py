def mutate(cells):
    cells["answer-t1"]["source"] = """import os

hog = os.open('/dev/shm/hog', os.O_CREAT | os.O_RDWR)
while True:
    os.write(hog, bytes(2**20))"""
