# %% task="t4"
def review(name, challenger_version):
    verdict = judge(name, challenger_version)
    if verdict["promote"]:
        promote(name, challenger_version)
    client = MlflowClient()
    client.set_registered_model_tag(name, "decision", "promoted" if verdict["promote"] else "refused")
    for key in ("champion_auc", "challenger_auc", "reason"):
        client.set_registered_model_tag(name, key, str(verdict[key]))
    return verdict
