# %% task="t2"
for run in mlflow.search_runs(experiment_names=[EXPERIMENT], output_format="list"):
    model = mlflow.sklearn.load_model(f"runs:/{run.info.run_id}/model")
    X, late = read_flights("data/validate.csv")
    score = roc_auc_score(late, model.predict_proba(X)[:, 1])
    MlflowClient().log_metric(run.info.run_id, "val_auc", score)
