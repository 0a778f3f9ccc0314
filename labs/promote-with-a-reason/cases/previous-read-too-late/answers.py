# %% task="t3"
def promote(name, version):
    client = MlflowClient()
    client.set_registered_model_alias(name, "champion", version)
    current = client.get_registered_model(name).aliases.get("champion")
    client.set_registered_model_alias(name, "previous", current)


def rollback(name):
    client = MlflowClient()
    earlier = client.get_registered_model(name).aliases.get("previous")
    if earlier is None:
        raise ValueError("no previous version")
    client.set_registered_model_alias(name, "champion", earlier)
    client.delete_registered_model_alias(name, "previous")
    return str(earlier)
