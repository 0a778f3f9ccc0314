# %% task="t1"
mlflow.register_model(f"runs:/{BASELINE_RUN}/model", NAME)
