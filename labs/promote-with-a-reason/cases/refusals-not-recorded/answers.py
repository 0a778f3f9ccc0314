# %% task="t4"
def review(name, challenger_version):
    verdict = judge(name, challenger_version)
    if verdict["promote"]:
        promote(name, challenger_version)
        for key in ("champion_auc", "challenger_auc", "reason"):
            MlflowClient().set_model_version_tag(name, challenger_version, key, str(verdict[key]))
        MlflowClient().set_model_version_tag(name, challenger_version, "decision", "promoted")
    return verdict
