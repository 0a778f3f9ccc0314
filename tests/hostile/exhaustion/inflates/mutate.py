def mutate(cells):
    cells["answer-t1"]["source"] = """import gzip

big = gzip.decompress(gzip.compress(bytes(10**7)) * 1000)"""
