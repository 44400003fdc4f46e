"""The command line of the processor: up, serve, analyze, erase, status, models."""

from __future__ import annotations

import json
import logging
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from processor import config, log
from processor.config import Home, Settings, SettingsInvalid

app = typer.Typer(
    help="Watches folders for video, works out what every face shows over time, and keeps it.",
    no_args_is_help=True, add_completion=False, pretty_exceptions_show_locals=False,
)  # fmt: skip
models_app = typer.Typer(help="Model files: which there are; get YuNet.", no_args_is_help=True)
app.add_typer(models_app, name="models")

errors = Console(stderr=True, highlight=False, soft_wrap=True)

HomeOption = Annotated[Path | None, typer.Option("--home", help="Folder that holds everything. Default: ./data.")]


def fail(error: Exception | str) -> typer.Exit:
    """Say why on standard error, in one sentence; raise what this returns."""
    errors.print(log.plain(str(error)), markup=False, style="red")
    return typer.Exit(1)


def settings_from(**flags) -> Settings:
    try:
        return config.load(**flags)
    except SettingsInvalid as error:
        raise fail(error) from error


@app.command()
def up(
    home: HomeOption = None,
    port: Annotated[int, typer.Option(help="Port of the dashboard on 127.0.0.1.", min=1, max=65535)] = 8501,
):
    """Start the processor and the dashboard; Ctrl-C stops both."""
    from processor import up as both

    settings = settings_from(home=home)
    Home(settings.home).create()
    try:
        both.check_port(port)
    except both.PortTaken as error:
        raise fail(error) from error
    raise typer.Exit(both.run(settings.home, both.commands(port), port, lambda text: errors.print(text, style="bold")))


@app.command()
def serve(home: HomeOption = None):
    """Watch the folders and analyse what comes, until Ctrl-C."""
    from db.store import StoreError
    from processor.lock import HomeBusy
    from processor.service import Service

    settings = settings_from(home=home)
    log.set_up(Home(settings.home).create().log)
    try:
        Service(settings).run()
    except (HomeBusy, StoreError) as error:
        raise fail(error) from error


@app.command()
def analyze(
    paths: Annotated[list[Path], typer.Argument(help="Videos, or folders to search for videos.", show_default=False)],
    home: HomeOption = None,
    sample_fps: Annotated[float | None, typer.Option(help="Frames looked at per second of video. Default: 2.")] = None,
    detector: Annotated[str | None, typer.Option(help="auto, yunet or haar. Default: auto.")] = None,
    model: Annotated[str | None, typer.Option(help="Name of a model, or its folder. Default: moodnet.")] = None,
    jobs: Annotated[
        int | None, typer.Option(help="Videos analysed at the same time. Default: 1. A running service has its own.")
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Analyse even what has a finished run with the same model and settings.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")] = False,
):
    """Analyse files or folders now, then exit; with a status other than 0 if any failed.

    When the service has the home, it does the work. A video that was analysed before with the very same model,
    detector, frames per second and smoothing is not analysed again; its results are shown.
    """
    from db.results import SnapshotMissing
    from db.store import StoreError
    from processor.analyze import ServiceGone, analyse
    from processor.default_model import in_force
    from processor.lock import HomeBusy
    from processor.progress import Bars

    if model is not None and Path(model).is_dir():
        model = str(Path(model).absolute())
    overrides = {"sample_fps": sample_fps, "detector": detector, "model": model}
    overrides = {name: value for name, value in overrides.items() if value is not None}
    settings_from(home=home, jobs=jobs, **overrides)  # to complain about a flag before anything is done
    settings = settings_from(home=home, jobs=jobs)
    log.set_up(Home(settings.home).create().log, console_level=logging.ERROR)
    began_s = time.monotonic()
    try:
        with Bars(errors) as bars:
            videos = analyse(settings, paths, overrides, again, bars.show)
    except (HomeBusy, StoreError, ServiceGone, SnapshotMissing) as error:
        raise fail(error) from error
    except KeyboardInterrupt as interrupt:
        fail("Stopped. What was finished is kept; the rest stays queued.")
        raise typer.Exit(130) from interrupt
    seconds = time.monotonic() - began_s
    models, detectors = ({video.pop(key) for video in videos} - {None} for key in ("model_id", "detector"))
    answer = {
        "videos": videos,
        "seconds": seconds,
        "model": " ".join(sorted(models)) or overrides.get("model", in_force(settings).name),
        "detector": " ".join(sorted(detectors)) or overrides.get("detector", settings.detector),
    }
    if as_json:
        print(json.dumps(answer))
    else:
        _print_videos(answer)
    if any(video["state"] != "done" for video in videos):
        raise typer.Exit(1)


def _print_videos(answer: dict) -> None:
    for video in answer["videos"]:
        name = log.plain(video["path"])
        if video["state"] != "done":
            print(f"{name}: {video['state']}. {log.plain(video['error'] or '')}".rstrip())
            continue
        line = f"{name}: {video['frames_sampled']} frames, {video['frames_with_face']} with a face"
        if video["frames_with_face"]:
            shares = sorted(video["shares"].items(), key=lambda share: -share[1])
            line += f"; {', '.join(f'{emotion} {share:.0%}' for emotion, share in shares if share >= 0.005)}"
            line += f"; mean valence {video['mean_valence']:+.2f}"
        print(f"{line} (run {video['run_id']})")
    print(f"{answer['seconds']:.1f} s, model {answer['model']}, detector {answer['detector']}", file=sys.stderr)


@app.command()
def erase(
    subject: Annotated[str, typer.Option("--subject", help="Whose data goes; in any case.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do it. Without, only what would go is shown.")] = False,
    mentions: Annotated[
        bool, typer.Option("--mentions/--no-mentions", help="Replace the name in notes and texts of others, too.")
    ] = True,
    everywhere: Annotated[
        bool, typer.Option("--everywhere", help="Delete files in other watched folders than the inbox, too.")
    ] = False,
    home: HomeOption = None,
):
    """Erase a subject: rows, files, snapshots, log. Shows only what would go, unless --yes is given.

    When the service has the home, it does the work. Prints the receipt; its salt is kept nowhere else.
    """
    from db.results import SnapshotMissing
    from db.store import PublishFailed, StoreError
    from processor.analyze import ServiceGone
    from processor.erase import NotErased, erase_subject, shown
    from processor.lock import HomeBusy

    settings = settings_from(home=home)
    log.set_up(Home(settings.home).create().log, console_level=logging.ERROR)
    try:
        if not yes:
            for line in shown(settings, subject):
                print(log.plain(line))
            return
        print(json.dumps(erase_subject(settings, subject, mentions, everywhere), indent=1))
    except (HomeBusy, StoreError, PublishFailed, ServiceGone, SnapshotMissing, NotErased) as error:
        raise fail(error) from error


@app.command()
def status(home: HomeOption = None, as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False):
    """What the service is doing; exit status 1 if it is not running."""
    from processor import status as service_status

    settings = settings_from(home=home)
    now = service_status.read(settings.home)
    alive = now is not None and now.alive
    if as_json:
        print(json.dumps({"alive": alive} | (asdict(now) if now else {})))
    elif not alive:
        print(f"Not running on {settings.home}. Start it with `python -m processor up`.")
    else:
        print(f"Running on {settings.home} since {now.started_at} (process {now.pid}).")
        print(f"{now.queue} queued, {now.done} done, {now.failed} failed; {now.pending_requests} requests wait.")
        for job in now.jobs:
            of = f" of {job['duration_s']:.0f}" if job["duration_s"] else ""
            print(f"  {log.plain(job['name'])}: {job['done_s']:.0f}{of} s{_left(job)}")
        for made in now.making:
            print(f"  {_how_far(made)}")
        if now.last_error:
            print(f"Last error: {log.plain(now.last_error)}")
    if not alive:
        raise typer.Exit(1)


def _how_far(made: dict) -> str:
    from processor.making import TITLES  # loads the store's library, so only when something is being made

    share = "begins" if made["share"] is None else f"{made['share']:.0%}"
    return f"{TITLES[made['kind']]} of {log.plain(made['name'])}: {share}{_left(made)}"


def _left(work: dict) -> str:
    return f", {work['eta_s']:.0f} s left" if work["eta_s"] is not None else ""


@models_app.command("list")
def models_list(home: HomeOption = None):
    """Every model file at hand."""
    from processor.models_files import listing

    table = Table("kind", "name", "version", "where", box=None, pad_edge=False)
    for row in listing(Home(settings_from(home=home).home).models):
        table.add_row(row["kind"], row["name"], row["version"], row["note"] or row["path"])
    Console(soft_wrap=True).print(table)


@models_app.command("pull")
def models_pull(
    home: HomeOption = None,
    source: Annotated[
        Path | None, typer.Option("--from", help="Take the file from here, not from the network.")
    ] = None,
):
    """Get YuNet's model file from the OpenCV model zoo (0.2 MB), checked by its SHA-256."""
    from processor.models_files import ModelFileUnusable, pull

    try:
        path = pull(Home(settings_from(home=home).home).create().models, source)
    except ModelFileUnusable as error:
        raise fail(error) from error
    print(path)


if __name__ == "__main__":
    app()
