"""Reads a pipeline file that is YAML and holds it against the host's published JSON schema, as check-jsonschema brings it."""

import importlib.util
import json
import sys
from pathlib import Path

import yaml

from hosts.shell import Refused


def read(path, file, schema):
    """The content of a pipeline file that is valid by the schema of that name. Raises Refused."""
    if not path.is_file():
        raise Refused(f"there is no {file}")
    try:
        content = yaml.safe_load(path.read_text())
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise Refused(f"{file} is no YAML: {' '.join(str(error).split())[:200]}") from None
    if not isinstance(content, dict):
        raise Refused(f"{file} holds no settings yet")
    _hold_against(content, file, schema)
    return content


def _hold_against(content, file, schema):
    found = importlib.util.find_spec("check_jsonschema")
    if found is None or found.origin is None:
        raise Refused(f"{file} cannot be looked at: check-jsonschema, which has the schema, is not installed")
    # jsonschema would import it to check how addresses are written, and build a grammar for seconds.
    sys.modules.setdefault("rfc3987_syntax", None)
    from jsonschema import Draft7Validator
    from jsonschema.exceptions import best_match

    path = Path(found.origin).parent / "builtin_schemas" / "vendor" / f"{schema}.json"
    error = best_match(Draft7Validator(json.loads(path.read_text())).iter_errors(content))
    if error is not None:
        place = ".".join(str(part) for part in error.absolute_path) or "the top"
        raise Refused(f"{file}, {place}: {' '.join(error.message.split())[:160]} (by the published schema)")


def only_known(found, known, place):
    """Refuse keys that are not understood."""
    for key in found:
        if key not in known:
            raise Refused(f"{place}: '{key}' is not understood here")


def listed(value):
    """A value that may stand alone or in a list, as a list."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
