# %% task="t4"
def best_run(experiment_name):
    runs = mlflow.search_runs(experiment_names=[experiment_name], order_by=["metrics.val_auc DESC"])
    return None if runs.empty else runs.loc[0, "run_id"]
