# %% task="t4"
def review(name, challenger_version):
    verdict = judge(name, challenger_version)
    if verdict["promote"]:
        promote(name, challenger_version)
    client = MlflowClient()
    champion = client.get_model_version_by_alias(name, "champion").version
    client.set_model_version_tag(name, champion, "decision", "promoted" if verdict["promote"] else "refused")
    for key in ("champion_auc", "challenger_auc", "reason"):
        client.set_model_version_tag(name, champion, key, str(verdict[key]))
    return verdict
