# %% task="t2"
def judge(name, challenger_version):
    def auc(uri):
        return float(roc_auc_score(valid_late, mlflow.sklearn.load_model(uri).predict_proba(valid_X)[:, 1]))

    old, new = auc(f"models:/{name}@champion"), auc(f"models:/{name}/{challenger_version}")
    return {
        "promote": new - old >= MARGIN,
        "champion_auc": old,
        "challenger_auc": new,
        "reason": f"{new:.4f} against {old:.4f}",
    }
