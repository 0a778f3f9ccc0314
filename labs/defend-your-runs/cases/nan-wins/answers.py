# %% task="t4"
def best_run(experiment_name):
    runs = mlflow.search_runs(
        experiment_names=[experiment_name], filter_string="status = 'FINISHED'", output_format="list"
    )
    scored = [run for run in runs if "val_auc" in run.data.metrics]
    if not scored:
        return None
    return max(scored, key=lambda run: run.data.metrics["val_auc"]).info.run_id
