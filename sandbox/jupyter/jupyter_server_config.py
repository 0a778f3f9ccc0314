"""JupyterLab's settings inside a stack, whichever engine runs it. The engine sets the MLOPS_ variables."""

import os

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

if os.environ.get("MLOPS_MLFLOW_PORT"):
    c.ServerProxy.servers = {
        "mlflow": {
            "port": int(os.environ["MLOPS_MLFLOW_PORT"]),
            "launcher_entry": {
                "title": "MLflow",
                "category": "Services",
                "icon_path": os.path.join(os.path.dirname(__file__), "mlflow.svg"),  # noqa: PTH118, PTH120
            },
            "new_browser_tab": True,
        }
    }
