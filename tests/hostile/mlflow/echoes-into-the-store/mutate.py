def mutate(cells):
    cells["answer-t1"]["source"] = """def track(name, values):
    mlflow.set_experiment('tiny-runs')
    with mlflow.start_run(run_name=name):
        mlflow.log_metric('total', sum(values))
        mlflow.set_tags({'note': name, 'mlflow.note.content': name})
        mlflow.log_param('name', name)
        mlflow.log_text(name, f'{name}.txt')
    print(name)
    mlflow.set_experiment(name)"""
