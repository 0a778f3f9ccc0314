# %% task="t4"
def best_run(experiment_name):
    runs = mlflow.search_runs(
        experiment_names=[experiment_name],
        filter_string="status = 'FINISHED' and metrics.val_auc > 0",
        order_by=["metrics.val_auc DESC"],
    )
    return runs["run_id"].tolist()[0]
