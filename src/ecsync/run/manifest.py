"""What a plan promises: its inputs, its outputs with their SHA-256, and everything that they rest on."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final

from ecsync.errors import ConfigurationError, StalePlanError, UsageError
from ecsync.locale import _
from ecsync.mapping import catalogue

if TYPE_CHECKING:
    from pathlib import Path

    from ecsync.config import Settings
    from ecsync.run.outcome import Outcome
    from ecsync.run.publish import Published

FILE_NAME: Final = "plan.json"
FORMAT: Final = 1


@dataclass(frozen=True)
class PlannedInput:
    """A remote file that the plan took in, or (`pending`) a file that already waited in the project's spool."""

    flow: str
    name: str
    size: int
    mtime: str
    as_of: str
    sha256: str
    pending: bool


@dataclass(frozen=True)
class PlannedOutput:
    """A file that the real run will send: the same name, bytes and rows."""

    flow: str
    endpoint: str
    remote_dir: str
    remote_name: str
    sha256: str
    size: int
    row_count: int
    document: str


@dataclass(frozen=True)
class Manifest:
    """A whole plan. `waiting` names payloads that were already in the outbox when it was made."""

    kind: str
    clock: str
    business_date: str
    generation: int
    configuration: str
    mappings: dict[str, str]
    inputs: tuple[PlannedInput, ...]
    outputs: tuple[PlannedOutput, ...]
    changes: dict[str, int]
    waiting: tuple[str, ...] = ()
    exit_status: int = 0
    overrides: tuple[tuple[str, str], ...] = ()
    format: int = field(default=FORMAT)

    def write(self, folder: Path) -> None:
        """Write plan.json, the same bytes for the same plan."""
        text = json.dumps(asdict(self), ensure_ascii=False, indent=1, sort_keys=True)
        target = folder / FILE_NAME
        target.write_text(text + "\n", encoding="utf-8")
        target.chmod(0o600)


def read(folder: Path) -> Manifest:
    """Read plan.json; raise UsageError where the folder holds no plan of this program."""
    try:
        data: dict[str, Any] = json.loads((folder / FILE_NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise UsageError(
            _("{folder} holds no plan").format(folder=folder), hint=_("make one with `ecsync plan --out DIR`")
        ) from None
    if data.get("format") != FORMAT:
        raise ConfigurationError(_("the plan was made by another version of ecsync"), hint=_("make it anew"))
    data["inputs"] = tuple(PlannedInput(**item) for item in data["inputs"])
    data["outputs"] = tuple(PlannedOutput(**item) for item in data["outputs"])
    data["waiting"] = tuple(data["waiting"])
    data["overrides"] = tuple((guard, subject) for guard, subject in data["overrides"])
    return Manifest(**data)


def outputs_of(published: list[Published]) -> tuple[PlannedOutput, ...]:
    """Return the comparable part of what a run published, in order."""
    return tuple(
        PlannedOutput(
            p.flow, p.endpoint, p.remote_dir, p.remote_name, p.sha256, p.size, p.row_count, p.document
        )
        for p in published
    )


def mapping_fingerprints(settings: Settings) -> dict[str, str]:
    """Return the fingerprint of every mapping that the project's flows use."""
    return {
        name: catalogue.load_mapping(name, settings.folder).fingerprint for name in settings.mapping_names
    }


def refuse_if_moved(manifest: Manifest, settings: Settings, generation: int) -> None:
    """Raise StalePlanError where configuration, mappings or the master have moved since the plan."""
    if manifest.configuration != settings.fingerprint:
        raise stale(_("ecsync.toml or owners.yaml has changed"))
    if manifest.mappings != mapping_fingerprints(settings):
        raise stale(_("a mapping has changed"))
    if manifest.generation != generation:
        raise stale(_("the master has changed"))


def refuse_if_different(manifest: Manifest, outcome: Outcome) -> None:
    """Raise StalePlanError where the run would send anything but what the plan showed."""
    if outputs_of(outcome.published) != manifest.outputs:
        raise stale(_("the outbound files would not be those of the plan"))


def stale(reason: str) -> StalePlanError:
    """Return the error of a plan that no longer fits."""
    return StalePlanError(
        _("the plan no longer fits: {reason}; nothing was sent").format(reason=reason),
        hint=_("make a new plan with `ecsync plan --out DIR`"),
    )
