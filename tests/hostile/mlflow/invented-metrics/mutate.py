def mutate(cells):
    cells["answer-t1"]["source"] = """def track(name, values):
    client = mlflow.MlflowClient()
    mlflow.set_experiment('tiny-runs')
    experiment = client.get_experiment_by_name('tiny-runs').experiment_id
    run = client.create_run(experiment, start_time=1, run_name=name)
    client.log_metric(run.info.run_id, 'total', 10**6, timestamp=1)
    client.set_terminated(run.info.run_id, 'FINISHED', end_time=2)"""
