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
    earlier = client.get_registered_model(name).aliases.get("previous")
    if earlier is None:
        return None
    client.set_registered_model_alias(name, "champion", earlier)
    client.delete_registered_model_alias(name, "previous")
    return str(earlier)
