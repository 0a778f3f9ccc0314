# %% task="t1"
import pandas as pd

everything = pd.concat([train_X, valid_X])
labels = pd.concat([train_late, valid_late])
for C in CANDIDATES:
    with mlflow.start_run():
        mlflow.log_param("C", C)
        model = make_model(C).fit(everything, labels)
        mlflow.sklearn.log_model(model, name="model", pip_requirements=REQUIREMENTS)
