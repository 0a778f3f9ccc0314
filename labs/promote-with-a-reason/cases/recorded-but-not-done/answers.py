# %% task="t4"
def review(name, challenger_version):
    verdict = judge(name, challenger_version)
    client = MlflowClient()
    client.set_model_version_tag(
        name, challenger_version, "decision", "promoted" if verdict["promote"] else "refused"
    )
    for key in ("champion_auc", "challenger_auc", "reason"):
        client.set_model_version_tag(name, challenger_version, key, str(verdict[key]))
    return verdict
