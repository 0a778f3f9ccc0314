def mutate(cells):
    cells["answer-t1"]["source"] = """import tempfile


def track(name, values):
    mlflow.set_experiment('tiny-runs')
    with mlflow.start_run(run_name=name) as run:
        mlflow.log_metric('total', sum(values))
        for path in ('../../other', '/etc', '..', 'a/../../../b'):
            try:
                mlflow.log_text('x', f'{path}/stolen.txt')
            except Exception:
                pass"""
