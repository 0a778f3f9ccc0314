# %% task="t1"
version = mlflow.register_model(f"runs:/{BASELINE_RUN}/model", "champion")
MlflowClient().set_registered_model_alias("champion", "champion", version.version)
