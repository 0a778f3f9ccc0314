# %% task="t2"
seen = {"0.001": 0.6397, "0.03": 0.6314, "3.0": 0.6223}
for run in mlflow.search_runs(experiment_names=[EXPERIMENT], output_format="list"):
    MlflowClient().log_metric(run.info.run_id, "val_auc", seen[run.data.params["C"]])
