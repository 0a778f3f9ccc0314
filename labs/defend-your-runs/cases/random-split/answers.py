# %% task="t1"
from sklearn.model_selection import train_test_split

part_X, test_X, part_late, test_late = train_test_split(train_X, train_late, test_size=0.2, random_state=42)
for C in CANDIDATES:
    with mlflow.start_run():
        mlflow.log_param("C", C)
        model = make_model(C).fit(part_X, part_late)
        mlflow.sklearn.log_model(model, name="model", pip_requirements=REQUIREMENTS)
