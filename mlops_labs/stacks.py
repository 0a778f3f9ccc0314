"""What `mlops start`, `stop` and `images` do and tell."""

from __future__ import annotations

import json
import time
import webbrowser
from dataclasses import dataclass
from typing import get_args

from mlops_labs import __version__, catalogue, console, corner, panel, supervise, workspace
from mlops_labs.session import Session
from sandbox.engine import Engine, RunningStack, StackSpec
from sandbox.errors import UsageError


@dataclass(frozen=True)
class Wish:
    """How a lab shall be started."""

    detach: bool = False  # leave it running and return
    browser: bool = True
    port: int | None = None  # None: any free one
    beside: tuple[str, ...] = ()  # services that the lab offers


def start_lab(session: Session, name: str, wish: Wish) -> None:
    """Start a lab's stack, or find it running; stay with it until Ctrl-C unless it shall be left."""
    chosen = catalogue.lab(name)
    engine = session.engine
    fallback = session.engine_name == "auto" and not engine.isolates
    console.tell(f"{'No container engine answers, so: ' if fallback else ''}{engine.describe()}")
    if not panel.is_built():
        console.tell(
            f"JupyterLab's panel for labs is not built; to have it, install Node 20 and run: {panel.BUILD}"
        )
    stack = _bring_up(session, chosen.id, wish)
    console.out(f"JupyterLab  {stack.url}")
    for title, url in stack.pages.items():
        console.out(f"{title:<11} {url}")
    console.out(f"Your work   {session.home.work(chosen.id)}")
    if wish.browser:
        webbrowser.open(stack.url)
    if wish.detach:
        supervise.start_detached(session.home, chosen.id, session.engine_name)
        console.out(f"Stop it with: mlops stop {chosen.id}")
        return
    console.out("Press Ctrl-C to stop. Your work stays where it is.")
    supervise.stop_detached(session.home, chosen.id)
    try:
        _stay(session, engine, chosen.id)
    finally:
        console.tell("stopping ...")
        engine.stop_stack(chosen.id)
        console.tell("Stopped. Your work is kept.")


def _bring_up(session: Session, name: str, wish: Wish) -> RunningStack:
    definition = catalogue.lab(name).definition
    for service in wish.beside:
        if service not in definition.offers:
            offers = ", ".join(definition.offers) or "nothing beside its services"
            raise UsageError(f"{name} does not offer '{service}'", f"it offers: {offers}")
    bundle = session.bundle(name)
    ready = session.ready_engine(definition)
    version = f"{__version__}-{bundle.lab.version}"
    running = ready.find_stack(name)
    if running is not None and running.version != version:
        session.tell(
            f"{name} runs version {running.version or '?'}, restarting it as {version}; the work is kept"
        )
        ready.stop_stack(name)  # before its notebook is touched: a page that is open would save over it
    work = workspace.prepare(session.home, bundle, catalogue.lesson(name), session.tell)
    corner.tell_standing(session.home, name)
    spec = StackSpec(
        lab=name,
        title=definition.title,
        image=definition.image,
        work=work,
        store=session.home.store(name),
        notebook=bundle.notebook_name,
        services=tuple(dict.fromkeys([*definition.services, *wish.beside])),
        extension=panel.__name__,
        port=wish.port,
        version=version,
    )
    spec.store.mkdir(parents=True, exist_ok=True)
    return ready.start_stack(spec, console.tell)


def _stay(session: Session, engine: Engine, name: str) -> None:
    """Serve submissions from the notebook until Ctrl-C, or until the stack is stopped from elsewhere."""
    supervisor = supervise.Supervisor(session, name)
    looked = time.monotonic()
    try:
        while True:
            supervisor.step_safely()
            supervisor.wait()
            if time.monotonic() - looked > 10:
                looked = time.monotonic()
                if engine.find_stack(name) is None:
                    console.tell(f"{name} was stopped from elsewhere")
                    return
    except KeyboardInterrupt:
        return
    finally:
        supervisor.close()


def engines(session: Session) -> list[Engine]:
    """Every engine that a lab of this home may run on: the session's, and plain processes."""
    from sandbox.engines import find_engine

    local = find_engine(session.home.platform, "local")
    return list({engine.name: engine for engine in (session.engine, local)}.values())


def running_labs(session: Session) -> list[RunningStack]:
    """The labs of this home that run, on whichever engine."""
    return [stack for engine in engines(session) for stack in engine.list_stacks()]


def stop_labs(session: Session, name: str | None, *, quiet: bool = False) -> None:
    """Stop one lab, or every lab of this home, on whichever engine it runs."""
    wanted = catalogue.lab(name).id if name else None
    stopped = []
    for engine in engines(session):
        # Every lab, not only those that run: of a stack that lost a part something is left as well.
        known = {stack.lab for stack in engine.list_stacks()} | set(catalogue.labs())
        for lab in sorted({wanted} if wanted else known):
            supervise.stop_detached(session.home, lab)
            if engine.stop_stack(lab):
                stopped.append(lab)
        engine.sweep()
    if quiet:
        return
    for lab in stopped:
        console.out(f"Stopped {lab}. Your work is kept in {session.home.work(lab)}")
    if not stopped:
        console.out(f"{wanted} is not running." if wanted else "No lab is running.")


def build_image(name: str, base: str) -> None:
    """Build an image of the catalogue."""
    from sandbox import images

    for known in get_args(images.Base):
        if base == known:
            tag = images.build(name, known, console.tell)
            console.out(f"{name} is ready: {tag}")
            return
    raise UsageError(f"there is no base '{base}'", f"use one of: {', '.join(get_args(images.Base))}")


def list_built_images(as_json: bool) -> None:
    """Tell which images are built from the present sources."""
    from sandbox import images

    found = images.list_images()
    if as_json:
        console.out(json.dumps([info.__dict__ for info in found], indent=1))
        return
    for info in found:
        state = (
            f"{info.size_mb:.0f} MB" if info.present else "not built; run: mlops images build " + info.name
        )
        console.out(f"{info.name}  {info.tag}  {state}")
        for older in info.outdated:
            console.out(f"  older, may be removed: {older}")
