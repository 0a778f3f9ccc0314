# %% task="t1"
for C in CANDIDATES:
    X, y = read_flights("data/train.csv")
    with mlflow.start_run(run_name=f"C={C}"):
        mlflow.log_param("C", C)
        mlflow.sklearn.log_model(make_model(C).fit(X, y), name="model", pip_requirements=REQUIREMENTS)
