"""The learner's panel in JupyterLab: a server extension (here) and a prebuilt one for its page.

The page's side is written in TypeScript in `panel/` and built by `make panel` into `labextensions/`. Both are found
by Jupyter's own hooks below; who starts JupyterLab names this package (`StackSpec.extension`).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

NAME = "mlops-labs-panel"
BUILD = "make panel"
_BUILT = Path(__file__).parent / "labextensions" / NAME


def is_built() -> bool:
    """Whether the page's side is there; without it JupyterLab works, and has no panel."""
    return (_BUILT / "package.json").is_file()


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    return [{"src": f"labextensions/{NAME}", "dest": NAME}]


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    return [{"module": "mlops_labs.panel"}]


def _load_jupyter_server_extension(server: ServerApp) -> None:
    from mlops_labs.panel.server import add_handlers

    add_handlers(server)
