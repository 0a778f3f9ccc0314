# %% task="t2"
for run in mlflow.search_runs(experiment_names=[EXPERIMENT], output_format="list"):
    model = mlflow.sklearn.load_model(f"runs:/{run.info.run_id}/model")
    score = model.score(valid_X, valid_late)
    MlflowClient().log_metric(run.info.run_id, "val_auc", score)
