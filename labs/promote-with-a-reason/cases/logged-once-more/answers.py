# %% task="t1"
with mlflow.start_run(run_name="register"):
    mlflow.sklearn.log_model(
        baseline, name="model", registered_model_name=NAME, pip_requirements=REQUIREMENTS
    )
MlflowClient().set_registered_model_alias(NAME, "champion", "1")
