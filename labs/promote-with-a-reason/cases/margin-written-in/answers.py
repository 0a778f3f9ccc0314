# %% task="t2"
def judge(name, challenger_version):
    client = MlflowClient()
    champion = client.get_registered_model(name).aliases.get("champion")

    def auc(version):
        model = mlflow.sklearn.load_model(f"models:/{name}/{version}")
        return float(roc_auc_score(valid_late, model.predict_proba(valid_X)[:, 1]))

    new = auc(challenger_version)
    old = auc(champion) if champion is not None else None
    promote = old is None or new - old >= 0.005
    promote = bool(promote)
    return {"promote": bool(promote), "champion_auc": old, "challenger_auc": new, "reason": "by the rule"}
