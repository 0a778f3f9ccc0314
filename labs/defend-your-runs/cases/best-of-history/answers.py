# %% task="t4"
def best_run(experiment_name):
    client = MlflowClient()
    experiment = client.get_experiment_by_name(experiment_name)
    if experiment is None:
        return None
    best_id, best = None, -1.0
    for run in client.search_runs([experiment.experiment_id], "attributes.status = 'FINISHED'"):
        values = [
            m.value for m in client.get_metric_history(run.info.run_id, "val_auc") if m.value == m.value
        ]
        if values and max(values) > best:
            best_id, best = run.info.run_id, max(values)
    return best_id
