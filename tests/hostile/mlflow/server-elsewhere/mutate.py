def mutate(cells):
    cells["answer-t1"]["source"] = """import os

os.environ['MLFLOW_HTTP_REQUEST_MAX_RETRIES'] = '0'
os.environ['MLFLOW_HTTP_REQUEST_TIMEOUT'] = '1'
mlflow.set_tracking_uri('http://169.254.169.254:5000')


def track(name, values):
    mlflow.set_experiment('tiny-runs')
    with mlflow.start_run(run_name=name):
        mlflow.log_metric('total', sum(values))"""
