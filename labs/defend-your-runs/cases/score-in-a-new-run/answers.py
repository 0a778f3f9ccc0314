# %% task="t2"
for run in mlflow.search_runs(experiment_names=[EXPERIMENT], output_format="list"):
    model = mlflow.sklearn.load_model(f"runs:/{run.info.run_id}/model")
    with mlflow.start_run(run_name="evaluation"):
        mlflow.log_param("C", run.data.params["C"])
        mlflow.log_metric("val_auc", roc_auc_score(valid_late, model.predict_proba(valid_X)[:, 1]))
