"""The environment that a stack's JupyterLab starts with, for both engines."""

from __future__ import annotations

import json
from collections.abc import Mapping

from sandbox import services
from sandbox.engine import StackSpec


def jupyter_environment(  # noqa: PLR0913 - each is one fact of the place it runs in
    spec: StackSpec,
    *,
    config: str,
    state: str,
    root: str,
    ip: str,
    port: int,
    token: str,
    ports: Mapping[str, int],
) -> Mapping[str, str]:
    """Return the variables that `jupyter_server_config.py` and the kernels read.

    `config` is the folder of our settings, `state` a writable one for JupyterLab's own, `ports` where on its
    loopback each service listens.
    """
    env = {
        "MLOPS_JUPYTER_IP": ip,
        "MLOPS_JUPYTER_PORT": str(port),
        "MLOPS_JUPYTER_ROOT": root,
        "MLOPS_JUPYTER_TOKEN": token,
        "MLOPS_JUPYTER_EXTENSION": spec.extension,
        "JUPYTER_CONFIG_PATH": config,
        # A person's own settings, kernels and extensions stay out of a lab, and the lab's out of theirs.
        "JUPYTER_CONFIG_DIR": f"{state}/config",
        "JUPYTER_DATA_DIR": f"{state}/data",
        "JUPYTER_RUNTIME_DIR": f"{state}/runtime",
        "JUPYTERLAB_SETTINGS_DIR": f"{state}/lab-settings",
        "JUPYTERLAB_WORKSPACES_DIR": f"{state}/lab-workspaces",
        "IPYTHONDIR": f"{state}/ipython",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "DO_NOT_TRACK": "true",
        "GIT_PYTHON_REFRESH": "quiet",
        # As when it is graded. With more, threads wait for each other on a busy machine, and results may differ.
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "DVC_SITE_CACHE_DIR": f"{state}/dvc",  # its default is below /var, which nobody here may write
        "DVC_NO_ANALYTICS": "1",
        # MLflow would print links to the address that kernels use, which no browser can open.
        "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
        # A bar in the middle of a check's verdict says nothing to the one who waits for that.
        "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    }
    tiles = []
    for name, port_of in ports.items():
        service = services.find(name)
        env |= service.told(port_of)
        tile = {"name": name, "title": service.title, "port": port_of, "page": service.page}
        tiles.append({**tile, "prefixed": service.prefixed})
    env["MLOPS_SERVICES"] = json.dumps(tiles)
    return {**env, **spec.env}
