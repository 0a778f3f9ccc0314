"""The hub of a class. What is to be changed for a course goes into its hub.toml, or into the file that it names."""

import sys
from urllib.parse import quote

from mlops_labs.hub.room import room_of_environment
from sandbox.docker_stack import HUB_PORT
from sandbox.images import image_tag
from sandbox.web import free_port

c = get_config()  # type: ignore[name-defined]  # noqa: F821  # JupyterHub gives it
room = room_of_environment()
state, settings = room.place.state, room.settings

c.JupyterHub.bind_url = f"http://{settings.host}:{room.port}"
c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{free_port()}"
c.JupyterHub.db_url = f"sqlite:///{state}/jupyterhub.sqlite"
c.JupyterHub.cookie_secret_file = f"{state}/cookie_secret"
# A page of elsewhere cannot send a learner's cookies along.
c.JupyterHub.tornado_settings = {"cookie_options": {"samesite": "Lax"}}

c.JupyterHub.proxy_class = "traefik_file"
c.TraefikProxy.traefik_api_url = f"http://127.0.0.1:{free_port()}"
c.TraefikProxy.static_config_file = f"{state}/traefik.toml"
c.TraefikProxy.extra_static_config = {"global": {"checkNewVersion": False, "sendAnonymousUsage": False}}
c.TraefikFileProviderProxy.dynamic_config_file = f"{state}/routes.toml"

c.JupyterHub.authenticator_class = "mlops_labs.hub.engine.CodeAuthenticator"
c.Authenticator.allow_all = True  # the roster decides
c.JupyterHub.template_vars = {
    "announcement_login": "Your user name is your id in this course, the password your code."
}

c.JupyterHub.spawner_class = "mlops_labs.hub.engine.StackSpawner"
c.Spawner.hub_connect_url = f"http://ingress:{HUB_PORT}"
c.Spawner.default_url = f"/lab/tree/{quote(room.bundle.notebook_name)}"
c.Spawner.start_timeout = 180
c.Spawner.http_timeout = 120
c.DockerSpawner.image = image_tag(room.image)
c.DockerSpawner.pull_policy = "skip"  # images are built here
c.DockerSpawner.remove = True

if settings.idle_minutes:
    seconds = settings.idle_minutes * 60
    c.JupyterHub.services = [
        {"name": "idle", "command": [sys.executable, "-m", "jupyterhub_idle_culler", f"--timeout={seconds}"]}
    ]
    c.JupyterHub.load_roles = [
        {
            "name": "idle",
            "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
            "services": ["idle"],
        }
    ]

if settings.extra:
    load_subconfig(str(room.place.course.root / settings.extra))  # type: ignore[name-defined]  # noqa: F821  # JupyterHub gives it
