# %% task="t1"
for C in CANDIDATES:
    model = make_model(C)
    model.fit(train_X, train_late)

for C in CANDIDATES:
    with mlflow.start_run(run_name=f"C={C}"):
        mlflow.log_param("C", C)
        mlflow.sklearn.log_model(model, name="model", pip_requirements=REQUIREMENTS)
