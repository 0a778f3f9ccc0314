# %% task="t1"
with mlflow.start_run():
    for C in CANDIDATES:
        model = make_model(C).fit(train_X, train_late)
        mlflow.log_param(f"C_{C}", C)
        mlflow.sklearn.log_model(model, name="model", pip_requirements=REQUIREMENTS)
