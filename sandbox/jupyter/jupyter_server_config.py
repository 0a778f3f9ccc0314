"""JupyterLab's settings inside a stack, whichever engine runs it. The engine sets the MLOPS_ variables."""

import importlib
import json
import os
from pathlib import Path
from typing import Any

c = get_config()  # type: ignore[name-defined]  # noqa: F821

c.ServerApp.ip = os.environ["MLOPS_JUPYTER_IP"]
c.ServerApp.port = int(os.environ["MLOPS_JUPYTER_PORT"])
c.ServerApp.port_retries = 0
c.ServerApp.root_dir = os.environ["MLOPS_JUPYTER_ROOT"]
c.ServerApp.open_browser = False
c.ServerApp.allow_root = os.geteuid() == 0
c.IdentityProvider.token = os.environ["MLOPS_JUPYTER_TOKEN"]
c.PasswordIdentityProvider.password_required = False
# Only pages of this machine: a name that was rebound to 127.0.0.1 is refused.
c.ServerApp.allow_remote_access = False
c.ServerApp.local_hostnames = ["127.0.0.1", "localhost"]

# Files whose names begin with a dot may be seen and opened (View > Show Hidden Files): pipelines of CI hosts are such.
c.ContentsManager.allow_hidden = True

# Nothing phones home, nothing is installed from within.
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
c.LabApp.news_url = None
c.LabApp.extension_manager = "readonly"

# On the local engine they are installed beside JupyterLab, for the platform's own use; a learner needs none.
_PLATFORMS = ["assignment_list", "course_list", "formgrader", "validate_assignment"]
c.ServerApp.jpserver_extensions = {
    **{f"nbgrader.server_extensions.{name}": False for name in _PLATFORMS},
    "jupyterlab_jupytext": False,
}


def _extend(name: str) -> None:
    """Take a package's extension of the server, and its prebuilt one of the page where it has been built."""
    package = importlib.import_module(name)
    c.ServerApp.jpserver_extensions[name] = True
    # JupyterLab looks for extensions below a folder: the one that holds the package's own, under its name.
    c.LabApp.extra_labextensions_path = [
        str((Path(str(package.__file__)).parent / row["src"]).parent)
        for row in package._jupyter_labextension_paths()
    ]


if os.environ.get("MLOPS_JUPYTER_EXTENSION"):
    _extend(os.environ["MLOPS_JUPYTER_EXTENSION"])


def _tile(service: dict[str, Any]) -> dict[str, Any]:
    """What jupyter-server-proxy is told of one service; see `sandbox.services`."""
    entry = {
        "title": service["title"],
        "category": "Services",
        "path_info": service["name"] + service["page"],
        "enabled": bool(service["page"]),
    }
    icon = os.path.join(os.path.dirname(__file__), service["name"] + ".svg")  # noqa: PTH118, PTH120
    if os.path.exists(icon):  # noqa: PTH110
        entry["icon_path"] = icon
    rest = {"launcher_entry": entry, "new_browser_tab": True, "absolute_url": service["prefixed"]}
    if "JUPYTERHUB_API_TOKEN" in os.environ:
        # A service knows its own address, and refuses to answer by a hub's name.
        own = f"127.0.0.1:{service['port']}"
        rest["request_headers_override"] = {"Host": own, "Origin": f"http://{own}"}
    return {"port": service["port"], **rest}


c.ServerProxy.servers = {
    service["name"]: _tile(service) for service in json.loads(os.environ.get("MLOPS_SERVICES", "[]"))
}
