# %% task="t1"
from sklearn.dummy import DummyClassifier

for C in CANDIDATES:
    with mlflow.start_run(run_name=f"C={C}"):
        mlflow.log_param("C", C)
        mlflow.sklearn.log_model(
            make_model(C).fit(train_X, train_late), name="model", pip_requirements=REQUIREMENTS
        )
        mlflow.sklearn.log_model(
            DummyClassifier().fit(train_X, train_late), name="second", pip_requirements=REQUIREMENTS
        )
        mlflow.log_metric("val_auc", 0.5)

# %% task="t2"
pass
