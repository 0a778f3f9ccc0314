# %% task="t1"
import joblib

for C in CANDIDATES:
    with mlflow.start_run():
        mlflow.log_param("C", C)
        joblib.dump(make_model(C).fit(train_X, train_late), "model.joblib")
        mlflow.log_artifact("model.joblib", artifact_path="model")
