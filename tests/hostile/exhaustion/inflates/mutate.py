def mutate(cells):
    cells["answer-t1"]["source"] = """import zlib

packer = zlib.compressobj()
small = b''.join(packer.compress(bytes(10**7)) for _ in range(1000)) + packer.flush()
big = zlib.decompress(small)"""
