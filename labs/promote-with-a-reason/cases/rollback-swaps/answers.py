# %% task="t3"
def promote(name, version):
    client = MlflowClient()
    current = client.get_registered_model(name).aliases.get("champion")
    if str(current) == str(version):
        return
    if current is not None:
        client.set_registered_model_alias(name, "previous", current)
    client.set_registered_model_alias(name, "champion", version)


def rollback(name):
    client = MlflowClient()
    found = client.get_registered_model(name).aliases
    if "previous" not in found:
        raise ValueError("no previous version")
    client.set_registered_model_alias(name, "champion", found["previous"])
    client.set_registered_model_alias(name, "previous", found["champion"])
    return str(found["previous"])
