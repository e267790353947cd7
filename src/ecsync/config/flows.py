"""Doors and streams: endpoints, files that come in, files that go out."""

from __future__ import annotations

from datetime import time
from typing import Literal

from pydantic import Field, model_validator

from ecsync.config.secrets import SecretReference
from ecsync.config.section import Section, Slug


class Endpoint(Section):
    """A partner's door. `folder`: `root` is a path; `sftp`: host, user, and how to prove both sides.

    `database`: `url` refers to an SQLAlchemy address, which may hold a password.
    """

    kind: Literal["folder", "sftp", "database"]
    root: str = ""
    url: SecretReference | None = None
    host: str = ""
    port: int = Field(default=22, ge=1, le=65_535)
    user: str = ""
    password: SecretReference | None = None
    key_file: str = ""
    key_passphrase: SecretReference | None = None
    host_key: str = ""  # pinned fingerprint SHA256:...
    known_hosts: str = "known_hosts"
    timeout_seconds: float = Field(default=30, gt=0, le=600)
    retries: int = Field(default=2, ge=0, le=10)
    retry_delay_seconds: float = Field(default=2, ge=0, le=60)
    allow_agent: bool = False
    look_for_keys: bool = False
    file_name_encoding: str = "utf-8"
    readable: bool = True  # may we read back what we wrote

    @model_validator(mode="after")
    def _complete(self) -> Endpoint:
        if self.kind == "sftp" and not (self.host and self.user):
            msg = "an sftp endpoint needs host and user"
            raise ValueError(msg)
        if self.kind == "folder" and not self.root:
            msg = "a folder endpoint needs root"
            raise ValueError(msg)
        if (self.kind == "database") != (self.url is not None):
            msg = "a database endpoint needs url, and no other has one"
            raise ValueError(msg)
        return self

    @property
    def holds_files(self) -> bool:
        """Tell whether files lie there until somebody takes them; a database answers anew each time."""
        return self.kind != "database"


class Expectation(Section):
    """When a file is due: `days`, `by` (local time), and how old its as-of may be."""

    days: Literal["daily", "business"] = "daily"
    calendar: str = "company"
    by: time | None = None
    max_age_hours: int = Field(default=26, ge=1)


class Guard(Section):
    """What stops a file: too few rows, or far fewer than usual; what stops a channel: too much falling to zero."""

    min_rows: int = Field(default=0, ge=0)
    min_share_of_usual: float = Field(default=0.0, ge=0.0, le=1.0)
    max_share_to_zero: float = Field(default=1.0, gt=0.0, le=1.0)


class Scope(Section):
    """Which orders a file claims to hold: those ordered, or changed, in so many days before it, of these statuses."""

    by: Literal["ordered", "changed"] = "ordered"
    days: int = Field(ge=1, le=3_660)
    statuses: tuple[str, ...] = ()


class Inbound(Section):
    """A stream of files that come in: from a folder, or as the answers of a database to a query."""

    name: Slug
    party: Slug
    mapping: str
    endpoint: Slug
    path: str = ""
    query: str = ""
    key: tuple[str, ...] = ()
    pattern: str = "*"
    done_suffix: str = ""
    settle_seconds: float = Field(default=0, ge=0, le=600)
    repeated: Literal["known", "news"] = "known"  # a state with known bytes and a later as-of
    after: Literal["archive", "delete", "keep"] = "keep"
    archive_path: str = "done"
    pair_wait_hours: float = Field(default=3, ge=0, le=168)  # how long half a pair waits for the other
    expected: Expectation | None = None
    guard: Guard = Guard()
    scope: Scope | None = None

    @model_validator(mode="after")
    def _query_or_folder(self) -> Inbound:
        if bool(self.query) != bool(self.key):
            msg = "a query needs key: the columns that tell its rows apart, and in whose order they are kept"
            raise ValueError(msg)
        of_folders = {"path", "pattern", "done_suffix", "settle_seconds", "archive_path"}
        strange = sorted(of_folders & self.model_fields_set)
        if self.query and (strange or self.after != "keep"):
            msg = f"a query leaves no file behind: {', '.join(strange) or 'after'} is for folders"
            raise ValueError(msg)
        return self

    @property
    def place(self) -> str:
        """Return where its files are at the endpoint: a folder, or the query that stands for one."""
        return self.query or self.path


class Outbound(Section):
    """A stream of files that go out. The file name is the mapping's."""

    name: Slug
    party: Slug
    mapping: str
    endpoint: Slug
    path: str = ""
    handover: Literal["rename", "direct", "done_file", "rows"] = "rename"
    done_suffix: str = ".done"
    temp_prefix: str = Field(
        default=".ecsync-", pattern=r"^[A-Za-z0-9._-]{1,40}$"
    )  # some servers hide dot files
    on_exists: Literal["conflict", "wait", "replace"] = "conflict"
    on_unknown: Literal["hold", "resend"] = "hold"
    receiver_removes: bool = False
    guard: Guard = Guard()

    @model_validator(mode="after")
    def _rows_go_to_a_table(self) -> Outbound:
        if self.handover == "rows" and (not self.path or self.on_exists != "conflict"):
            msg = "rows need path, the name of the interface table, and on_exists stays conflict"
            raise ValueError(msg)
        return self
