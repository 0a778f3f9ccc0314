def mutate(cells):
    one, two = cells["answer-t1"], cells["answer-t2"]
    one["id"], two["id"] = two["id"], one["id"]
    one["metadata"], two["metadata"] = two["metadata"], one["metadata"]
