"""Which spooled files belong together: the two halves of a partner's export, and halves that wait for the other.

Names decide first: the parts that the flows' patterns leave open are the same in both, as in orders_1124.csv and
items_1124.csv. Where names say nothing (renamed files, fixed names), the keys that both hold decide. A half whose other
half came before, and came again unchanged, is joined with what is in the spool already.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from ecsync.errors import ConfigurationError, FileRefusedError
from ecsync.exchange import names
from ecsync.locale import _
from ecsync.mapping import catalogue, key_sketch
from ecsync.master.tables_running import INBOX_FILE, INBOX_SIGHTING
from ecsync.run import clock, mending
from ecsync.run.spooled import Arrival, SpooledFile, columns_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ecsync.config import Inbound, Settings
    from ecsync.findings import FindingLog
    from ecsync.mapping.model import InboundMapping
    from ecsync.run.load import Loaded
    from ecsync.run.workspace import Workspace

# How far back a half that came before is looked for, in sightings of its flow.
_SIGHTINGS: Final = 500
# What stands for the name of a file that a person put in; no name holds a NUL.
_PUT_IN: Final = "\0put in"


@dataclass(frozen=True)
class PairOfFlows:
    """Two inbound flows of one party whose files belong together."""

    heads: Inbound
    rows: Inbound


@dataclass
class Arranged:
    """Files that can be loaded, each alone or with its other half, and halves that wait."""

    arrivals: list[Arrival] = field(default_factory=list)
    waiting: list[SpooledFile] = field(default_factory=list)


def pairs_of(settings: Settings, flows: Iterable[Inbound]) -> list[PairOfFlows]:
    """Return the pairs among the flows; raise ConfigurationError where one has no other half in the settings."""
    flows = list(flows)
    found = []
    for flow in flows:
        mapping = catalogue.load_inbound(flow.mapping, settings.folder)
        if mapping.pair is None:
            continue
        others = [one for one in flows if one.party == flow.party and one.mapping == mapping.pair.with_]
        same = [one for one in flows if one.party == flow.party and one.mapping == flow.mapping]
        if len(others) != 1 or len(same) != 1:
            raise ConfigurationError(
                _(
                    "flow {flow} brings one half of a pair: {party} needs one flow of {mine} and one of {theirs}"
                ).format(flow=flow.name, party=flow.party, mine=flow.mapping, theirs=mapping.pair.with_),
                hint=_("add an [[inbound]] of {theirs} for {party}").format(
                    theirs=mapping.pair.with_, party=flow.party
                ),
            )
        if mapping.pair.holds == "heads":
            found.append(PairOfFlows(flow, others[0]))
    return found


def arrange(
    conn: sa.Connection,
    settings: Settings,
    flows: Iterable[Inbound],
    files: list[SpooledFile],
    space: Workspace,
) -> Arranged:
    """Return what can be loaded, in the order of `files`, and what waits."""
    pairs = pairs_of(settings, flows)
    halves = {flow.name for pair in pairs for flow in (pair.heads, pair.rows)}
    arranged = Arranged([Arrival((file,)) for file in files if file.flow not in halves])
    for pair in pairs:
        matching = _Matching(conn, settings, pair, files, space)
        arranged.arrivals += matching.joined
        arranged.waiting += matching.waiting
    arranged.arrivals.sort(key=lambda arrival: arrival.order)
    return arranged


def pair_read(settings: Settings, loaded: Loaded, findings: FindingLog) -> None:
    """Pair halves among files that were read for a look, by their names; one that is alone is left out and named."""
    flows = {file.flow for file in loaded.files}
    for pair in pairs_of(settings, settings.inbound):
        if not flows & {pair.heads.name, pair.rows.name}:
            continue
        heads, rows = (
            [file for file in loaded.files if file.flow == flow.name] for flow in (pair.heads, pair.rows)
        )
        for one in list(heads):
            wanted = names.stamp(one.name, pair.heads.pattern)
            same = [file for file in rows if names.stamp(file.name, pair.rows.pattern) == wanted]
            if len(same) == 1 or len(heads) == len(rows) == 1:
                loaded.pairs.append((one, (same or rows)[0]))
                heads.remove(one)
                rows.remove((same or rows)[0])
        for alone, missing in [
            *((file, pair.rows) for file in heads),
            *((file, pair.heads) for file in rows),
        ]:
            loaded.files.remove(alone)
            loaded.discarded.append((alone.entity, alone.file_id))
            findings.add("pair_waits", alone.name, missing=missing.name)


def say_waiting(
    conn: sa.Connection, settings: Settings, waiting: Iterable[SpooledFile], now: str, findings: FindingLog
) -> None:
    """Say which halves wait; one that has waited longer than its flow allows needs a person."""
    for file in waiting:
        flow = settings.inbound_flow(file.flow)
        mapping = catalogue.load_inbound(flow.mapping, settings.folder)
        missing = next(
            one
            for one in settings.inbound
            if one.party == flow.party and one.mapping == mapping.other.mapping
        )
        since = _waits_since(conn, file) or now
        late = clock.from_text(now) - clock.from_text(since) >= timedelta(hours=flow.pair_wait_hours)
        findings.add(
            "pair_incomplete" if late else "pair_waits",
            file.name,
            missing=missing.name,
            pattern=missing.pattern,
            since=clock.local_text(since, settings.zone),
        )


def _waits_since(conn: sa.Connection, file: SpooledFile) -> str:
    first = conn.execute(
        sa.select(sa.func.min(INBOX_SIGHTING.c.seen_at)).where(
            INBOX_SIGHTING.c.flow == file.flow, INBOX_SIGHTING.c.sha256 == file.sha256
        )
    ).scalar()
    return str(first or "")


class _Matching:
    """The halves of one pair of flows, matched step by step; what no step matches waits."""

    def __init__(
        self,
        conn: sa.Connection,
        settings: Settings,
        pair: PairOfFlows,
        files: list[SpooledFile],
        space: Workspace,
    ) -> None:
        self._conn = conn
        self._space = space
        self._settings = settings
        self._flows = {pair.heads.name: pair.heads, pair.rows.name: pair.rows}
        self._mappings = {
            name: catalogue.load_inbound(flow.mapping, settings.folder) for name, flow in self._flows.items()
        }
        self._sketches: dict[int, frozenset[int]] = {}
        self._heads = [file for file in files if file.flow == pair.heads.name]
        self._rows = [file for file in files if file.flow == pair.rows.name]
        self.joined: list[Arrival] = []
        self._by_unique_name()
        self._by_keys()
        self._by_newest_of_a_name()
        self._with_known(self._heads, pair.rows, heads_first=True)
        self._with_known(self._rows, pair.heads, heads_first=False)
        self.waiting = sorted([*self._heads, *self._rows], key=lambda file: file.order)

    def _join(self, heads: SpooledFile, rows: SpooledFile) -> None:
        self._heads.remove(heads)
        self._rows.remove(rows)
        self.joined.append(Arrival((heads, rows)))

    def _by_unique_name(self) -> None:
        for stamp, (heads, rows) in sorted(self._groups().items()):
            if stamp and len(heads) == len(rows) == 1:
                self._join(heads[0], rows[0])

    def _by_keys(self) -> None:
        """Match halves that hold the same keys; of several the one of the same name, then the nearest in time."""
        if not (self._heads and self._rows):
            return
        for heads in list(self._heads):
            alike = [rows for rows in self._rows if self._sketch(rows) == self._sketch(heads) != frozenset()]
            if alike:
                self._join(heads, min(alike, key=lambda rows: self._distance(heads, rows)))

    def _by_newest_of_a_name(self) -> None:
        for stamp, (heads, rows) in sorted(self._groups().items()):
            newest = (sorted(files, key=lambda file: file.order, reverse=True) for files in (heads, rows))
            for one, other in zip(*newest, strict=False):
                if stamp or self._sketch(one) & self._sketch(other):
                    self._join(one, other)

    def _with_known(self, left: list[SpooledFile], flow: Inbound, *, heads_first: bool) -> None:
        for half in list(left):
            known = self._known_other(half, flow)
            if known is not None:
                left.remove(half)
                files = (half, known) if heads_first else (known, half)
                self.joined.append(Arrival(files, again=known.file_id))

    def _known_other(self, half: SpooledFile, flow: Inbound) -> SpooledFile | None:
        """Return the other half that came before: seen under the same name, or seen since and with the same keys."""
        stamp = self._stamp(half)
        for name, run_id, known in self._seen_again(flow):
            if not self._path(known).is_file():
                continue
            if stamp and names.stamp(name, flow.pattern) == stamp:
                return known
            if run_id >= half.run_id and self._sketch(known) == self._sketch(half) != frozenset():
                return known
        return None

    def _seen_again(self, flow: Inbound) -> list[tuple[str, int, SpooledFile]]:
        seen = INBOX_SIGHTING.c
        query = (
            sa.select(seen.name, seen.run_id, *columns_of(INBOX_FILE))
            .join(INBOX_FILE, sa.and_(INBOX_FILE.c.flow == seen.flow, INBOX_FILE.c.sha256 == seen.sha256))
            .where(
                seen.flow == flow.name, seen.outcome.in_(("taken", "known")), INBOX_FILE.c.state == "loaded"
            )
            .order_by(seen.sighting_id.desc(), INBOX_FILE.c.file_id)
            .limit(_SIGHTINGS)
        )
        return [(str(row[0]), int(row[1]), SpooledFile(*tuple(row)[2:])) for row in self._conn.execute(query)]

    def _groups(self) -> dict[str, tuple[list[SpooledFile], list[SpooledFile]]]:
        groups: dict[str, tuple[list[SpooledFile], list[SpooledFile]]] = defaultdict(lambda: ([], []))
        for side, files in enumerate((self._heads, self._rows)):
            for file in files:
                groups[self._stamp(file)][side].append(file)
        return groups

    def _stamp(self, file: SpooledFile) -> str:
        # What a person put in has any name; both halves of it belong together.
        if file.remote_done == mending.MENDED:
            return _PUT_IN
        return names.stamp(file.name, self._flows[file.flow].pattern)

    def _distance(self, heads: SpooledFile, rows: SpooledFile) -> tuple[bool, float, str]:
        apart = clock.from_text(heads.as_of) - clock.from_text(rows.as_of)
        return self._stamp(heads) != self._stamp(rows), abs(apart.total_seconds()), rows.sha256

    def _sketch(self, file: SpooledFile) -> frozenset[int]:
        if file.file_id not in self._sketches:
            self._sketches[file.file_id] = _sketch(self._path(file), self._mappings[file.flow])
        return self._sketches[file.file_id]

    def _path(self, file: SpooledFile) -> Path:
        return spool_path(self._settings, self._space, file)


def _sketch(path: Path, mapping: InboundMapping) -> frozenset[int]:
    try:
        return key_sketch.of_file(path, mapping)
    except FileRefusedError:
        # It is read again when it is loaded, and refused there with its reason.
        return frozenset()


def spool_path(settings: Settings, space: Workspace, file: SpooledFile) -> Path:
    """Return where the bytes of a spooled file lie; a plan reads what came before from the project's own spool."""
    name = Path(file.spool_path).name
    own = space.spool / name
    return own if own.is_file() else settings.folder / "spool" / name
