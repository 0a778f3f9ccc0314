"""What the model looks at in a flight."""


def features(flight):
    """The groups a flight belongs to, such as ("hour", "17")."""
    return [(name, flight[name]) for name in ("carrier", "origin", "dest", "hour")]
