def mutate(cells):
    cells["answer-t1"]["source"] = """def track(name, values):
    size = 10**6
    with mlflow.start_run():
        for number in range(100_000):
            try:
                mlflow.log_text('x' * size, f'{number}.txt')
            except Exception:
                size = max(1, size // 2)


track('mine', [])"""
