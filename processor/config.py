"""Settings: every knob with its unit, default and help, in one place.

Read in this order, later wins: the defaults, `moodreel.toml` in the working folder, `MOODREEL_*` in the environment,
flags on the command line.
"""

from __future__ import annotations

import re
from ipaddress import ip_address
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

# Settings that are told to nobody: in no message, log, status or snapshot.
SECRETS = ("alert_webhook", "smtp_password", "turn_password")


class SettingsInvalid(Exception):
    """A setting has an unknown name or a value out of its range."""


class Settings(BaseSettings):
    """All settings. Times in seconds, sizes as their names say."""

    model_config = SettingsConfigDict(
        env_prefix="MOODREEL_",
        toml_file="moodreel.toml",
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,  # there are secrets among them
    )

    home: Path = Field(Path("data"), description="Folder that holds everything Moodreel keeps.")
    watch: tuple[Path, ...] = Field((), description="Folders to watch besides the home's inbox.")
    settle_s: float = Field(
        2.0, ge=0, description="Seconds a file's size and time must hold before it counts as written."
    )

    sample_fps: float = Field(2.0, gt=0, le=120, description="Frames looked at per second of video (system A: 2).")
    detector: Literal["auto", "yunet", "haar"] = Field(
        "auto", description="Face detector; auto takes YuNet where its model file is present, else Haar."
    )
    min_face_px: int = Field(24, ge=8, description="Smallest face to look for, in pixels of the frame.")
    min_face_score: float = Field(0.7, ge=0, le=1, description="How sure YuNet must be of a face, 0 to 1.")
    min_track_s: float = Field(0.0, ge=0, description="Tracks seen for less than this many seconds are dropped.")
    model: str = Field("moodnet", description="Emotion model: the name of a bundle, or its folder.")
    smoothing: Literal["mean", "mode"] = Field(
        "mean", description="mean: centred mean of probabilities; mode: most frequent of the last 5 (system A)."
    )
    smoothing_window_s: float = Field(1.5, gt=0, description="Width of the centred mean, in seconds.")

    jobs: int = Field(1, ge=1, description="Videos analysed at the same time.")
    max_attempts: int = Field(3, ge=1, description="How often a run is tried before it fails.")
    max_memory_mb: int = Field(4096, ge=512, description="Memory a worker may use, in MiB.")
    max_cpu_s: int = Field(14400, ge=10, description="Processor time one video may take, in seconds.")
    max_pixels: int = Field(8192 * 4320, ge=1, description="Largest picture, in pixels (default: 8K).")
    max_upload_mb: int = Field(2048, ge=1, description="Largest upload, in MiB.")
    keep_snapshots: int = Field(3, ge=1, description="Published snapshots kept.")
    made_quota_mb: int = Field(
        10_000, ge=1, description="Room for files made on request, in MB; the least recently used proxies go first."
    )

    alert_webhook: SecretStr | None = Field(
        None, description="Address that alerts are posted to as JSON: https, or http on this machine. A secret."
    )
    alert_email_to: tuple[str, ...] = Field((), description="E-mail addresses that alerts are sent to.")
    alert_email_from: str = Field("", description="E-mail address that alerts come from.")
    alert_subject: bool = Field(False, description="Whether messages about alerts name the subject of the video.")
    smtp_host: str = Field("", description="Mail server that takes the e-mails.")
    smtp_port: int = Field(587, ge=1, le=65535, description="Its port.")
    smtp_tls: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="How the way to it is encrypted; none only on this machine."
    )
    smtp_user: str = Field("", description="Name to log in with; empty: without a login.")
    smtp_password: SecretStr | None = Field(None, description="Password to log in with. A secret.")

    ice_servers: tuple[str, ...] = Field(
        (), description="STUN and TURN servers for live video across networks: stun:… or turn:… addresses; empty: none."
    )
    turn_user: str = Field("", description="Name for the TURN servers.")
    turn_password: SecretStr | None = Field(
        None, description="Password for the TURN servers, which every browser that shows live video is told. A secret."
    )

    @field_validator("home", "watch")
    @classmethod
    def _absolute(cls, value):
        if isinstance(value, Path):
            return value.expanduser().absolute()
        return tuple(path.expanduser().absolute() for path in value)

    @field_validator("alert_webhook")
    @classmethod
    def _encrypted(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None or not value.get_secret_value():
            return None
        try:
            address = urlsplit(value.get_secret_value())
            usable = address.hostname and address.port != 0 and address.username is None
            usable = usable and value.get_secret_value().isprintable() and " " not in value.get_secret_value()
        except ValueError:
            usable = False
        if not usable or not (address.scheme == "https" or (address.scheme == "http" and is_here(address.hostname))):
            raise ValueError(
                "it must be an address that begins with https://, or http:// on this machine (127.0.0.1), without a "
                "name and a password in it"
            )
        return value

    @field_validator("alert_email_to", "alert_email_from")
    @classmethod
    def _addresses(cls, value):
        for address in [value] if isinstance(value, str) else value:
            if address and not re.fullmatch(r"[^@\s<>,;]+@[^@\s<>,;]+", address):
                raise ValueError("it must be an e-mail address, such as anna@example.org")
        return value

    @field_validator("ice_servers")
    @classmethod
    def _ice_addresses(cls, value):
        for address in value:
            if not re.fullmatch(
                r"(stun:[^\s:/?@]+(:\d{1,5})?|turns?:[^\s:/?@]+(:\d{1,5})?(\?transport=(udp|tcp))?)", address
            ):
                raise ValueError("each must be an address such as stun:stun.example.org:3478 or turn:turn.example.org")
        return value

    @model_validator(mode="after")
    def _turn_is_complete(self) -> Settings:
        if any(url.startswith("turn") for url in self.ice_servers) and not (self.turn_user and self.turn_password):
            raise ValueError("a TURN server in `ice_servers` needs `turn_user` and `turn_password`, too")
        return self

    @model_validator(mode="after")
    def _mail_is_complete(self) -> Settings:
        if self.alert_email_to and not (self.alert_email_from and self.smtp_host):
            raise ValueError("`alert_email_to` needs `alert_email_from` and `smtp_host`, too")
        if self.smtp_tls == "none" and self.smtp_host and not is_here(self.smtp_host):
            raise ValueError(f"`smtp_tls` none is for a mail server on this machine only, not for {self.smtp_host}")
        if self.smtp_user and self.smtp_password is None:
            raise ValueError("`smtp_user` needs `smtp_password`, too")
        return self

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource, dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:  # fmt: skip
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)

    @property
    def smoothing_name(self) -> str:
        """How the store names the smoothing: `mean:1.5s` or `mode:5`."""
        return f"mean:{self.smoothing_window_s:g}s" if self.smoothing == "mean" else "mode:5"


def load(**flags) -> Settings:
    """The settings in force; flags that are None count as not given.

    Raises SettingsInvalid, naming the setting and what is wrong with it.
    """
    try:
        return Settings(**{name: value for name, value in flags.items() if value is not None})
    except ValidationError as error:
        problems = "; ".join(map(_problem, error.errors()))
        raise SettingsInvalid(f"These settings can't be used: {problems}.") from error


def _problem(error: dict) -> str:
    """What is wrong with a setting, and what was received; never a secret, nor all settings at once."""
    where, message = ".".join(map(str, error["loc"])), error["msg"].removeprefix("Value error, ")
    if not where:
        return message
    received = "" if where in SECRETS else f", received {error['input']!r}"
    return f"`{where}`: {message}{received}"


def is_here(host: str) -> bool:
    """Whether a host is this machine itself: `localhost`, or an address such as 127.0.0.1 or ::1."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


class Home:
    """The places in a home folder (the README lists them)."""

    def __init__(self, path: Path):
        self.path = Path(path)
        self.inbox = self.path / "inbox"
        self.library = self.path / "library"
        self.spool = self.path / "spool"
        self.refused = self.spool / "refused"
        self.models = self.path / "models"
        self.results = self.path / "results"
        self.made = self.path / "made"
        self.thumbnails = self.path / "thumbnails"
        self.live = self.path / "live"
        self.snapshot = self.path / "results.duckdb"
        self.store = self.path / "store.duckdb"
        self.status = self.path / "status.json"
        self.default_model = self.path / "default_model.json"
        self.log = self.path / "moodreel.log"

    def create(self) -> Home:
        """Make the folders that are missing; returns itself."""
        folders = (
            *(self.inbox, self.library, self.refused, self.models, self.results),
            *(self.made, self.thumbnails, self.live),
        )
        for folder in folders:
            folder.mkdir(parents=True, exist_ok=True)
        return self
