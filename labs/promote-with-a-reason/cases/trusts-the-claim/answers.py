# %% task="t2"
def judge(name, challenger_version):
    client = MlflowClient()

    def claimed(version):
        run_id = client.get_model_version(name, str(version)).run_id
        return client.get_run(run_id).data.metrics["val_auc"]

    champion = client.get_registered_model(name).aliases.get("champion")
    new, old = claimed(challenger_version), None if champion is None else claimed(champion)
    return {
        "promote": old is None or new - old >= MARGIN,
        "champion_auc": old,
        "challenger_auc": new,
        "reason": "as the runs say",
    }
