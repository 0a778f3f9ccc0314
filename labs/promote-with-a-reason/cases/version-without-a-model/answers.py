# %% task="t1"
client = MlflowClient()
client.create_registered_model(NAME)
version = client.create_model_version(NAME, source=f"runs:/{BASELINE_RUN}/model", run_id=BASELINE_RUN)
client.set_registered_model_alias(NAME, "champion", version.version)
