"""`init DIR`: make a project from a few answers; `init`: make the master of this one, and load its opening."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ecsync.cli import console, state
from ecsync.cli.asking import Asking
from ecsync.cli.contents import said_of
from ecsync.cli.reporting import give
from ecsync.cli.statuses import epilog
from ecsync.errors import UsageError
from ecsync.locale import _, current_language

if TYPE_CHECKING:
    from ecsync.starting.answers import Answers
    from ecsync.starting.exports import Export
    from ecsync.starting.project import Made

_FLAGS = (
    "--name NAME --shop PLATFORM[:NUMBER] --warehouse WORD --accounting WORD --core | --no-core --cutover DAY"
)


def add(app: typer.Typer) -> None:
    """Add the command to the tree."""
    app.command("init", help=said_of("init"), epilog=epilog(3, 10, 11, 14, 15))(init)


def init(
    folder: Annotated[
        Path | None, typer.Argument(metavar="DIR", help=_("Folder of a new project."), show_default=False)
    ] = None,
    name: Annotated[str, typer.Option("--name", help=_("Name of the business."))] = "",
    shop: Annotated[
        list[str] | None,
        typer.Option(
            "--shop",
            metavar="PLATFORM[:NUMBER]",
            help=_("A shop: rakuten:000001, yahoo, shopify:LOCATION. Give one for every shop."),
        ),
    ] = None,
    export: Annotated[
        list[Path] | None,
        typer.Option(
            "--export",
            metavar="FILE",
            help=_("An export of the shop to begin with: it is copied, and tells of shop and products."),
        ),
    ] = None,
    warehouse: Annotated[
        str,
        typer.Option("--warehouse", metavar="WORD", help=_("Who ships: 3pl, or a carrier's label program.")),
    ] = "",
    accounting: Annotated[
        str, typer.Option("--accounting", metavar="WORD", help=_("Where the books are; none where nowhere."))
    ] = "",
    core: Annotated[
        bool | None,
        typer.Option(
            "--core/--no-core", help=_("Whether a core system keeps the products; else a table of your own.")
        ),
    ] = None,
    cutover: Annotated[
        str,
        typer.Option(
            "--cutover",
            metavar="DAY",
            help=_(
                "Orders from before stay with your old ways: now, export (its oldest open order), or a day."
            ),
        ),
    ] = "",
    sftp: Annotated[
        list[str] | None,
        typer.Option(
            "--sftp",
            metavar="PARTNER=USER@HOST",
            help=_("A partner that is reached over SFTP; the others are folders."),
        ),
    ] = None,
    language: Annotated[
        str,
        typer.Option(
            "--language", metavar="ja|en", help=_("Language of the project's comments and staff files.")
        ),
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", help=_("Ask nothing: take the defaults."))] = False,
    opening: Annotated[
        Path | None,
        typer.Option(
            "--opening",
            metavar="FOLDER",
            help=_("Folder with stock.csv, orders.csv, receivables.csv, counters.csv."),
        ),
    ] = None,
) -> int:
    """Make a project, or the master of one."""
    if folder is None:
        if any((name, shop, export, warehouse, accounting, core is not None, cutover, sftp, language, yes)):
            raise UsageError(_("name the folder of the new project"), hint="ecsync init my-shop")
        return _master(opening)
    if opening is not None:
        raise UsageError(
            _("--opening goes with a project that is there"),
            hint="ecsync --project DIR init --opening FOLDER",
        )
    from ecsync.starting.exports import read_export  # noqa: PLC0415
    from ecsync.starting.project import make_project, refuse_existing  # noqa: PLC0415

    target = folder.resolve()
    refuse_existing(target)
    asked = Asking(yes=yes, flags=_FLAGS)
    exports = [read_export(path.resolve()) for path in export or ()]
    answers = _answers(
        asked, target, exports,
        name=name, shops=shop or [], warehouse=warehouse, accounting=accounting, core=core, cutover=cutover,
        sftp=sftp or [], language=language,
    )  # fmt: skip
    made = make_project(target, answers, exports)
    _tell(made, answers, exports, folder)
    return 0


def _answers(
    asked: Asking,
    folder: Path,
    exports: list[Export],
    *,
    name: str,
    shops: list[str],
    warehouse: str,
    accounting: str,
    core: bool | None,
    cutover: str,
    sftp: list[str],
    language: str,
) -> Answers:
    from ecsync.run import clock  # noqa: PLC0415
    from ecsync.starting import answers as given  # noqa: PLC0415
    from ecsync.starting.exports import oldest_open  # noqa: PLC0415

    oldest = oldest_open(exports)
    speaks = given.chosen(language or ("en" if _speaks_english(asked) else "ja"), ("ja", "en"), "--language")

    def read_core(text: str) -> given.Products:
        return "core" if given.chosen(text, ("yes", "no"), "--core") == "yes" else "own"

    def read_cutover(text: str) -> datetime:
        if text == "export" and not exports:
            raise UsageError(_("--cutover export needs an --export"))
        now = clock.from_text(clock.parse_as_of(state.current().as_of, given.ZONE))
        return given.cutover_answer(text, now, oldest)

    known = ", ".join(dict.fromkeys(_shop_of(export) for export in exports))
    return given.Answers(
        name=asked.text(name, _("Name of the business"), folder.name, "--name"),
        shops=asked.until_right(
            ", ".join(shops),
            _("Shops, with their numbers where they have one ({known})").format(
                known=", ".join(given.PLATFORMS)
            ),
            known,
            "--shop",
            given.shop_answers,
        ),
        warehouse=asked.until_right(
            warehouse,
            _("Who ships ({known})").format(known=", ".join(given.WAREHOUSES)),
            "3pl",
            "--warehouse",
            lambda word: given.chosen(word, given.WAREHOUSES, "--warehouse"),
        ),
        accounting=asked.until_right(
            accounting,
            _("Where the books are ({known})").format(known=", ".join(given.ACCOUNTING)),
            "none",
            "--accounting",
            lambda word: given.chosen(word, given.ACCOUNTING, "--accounting"),
        ),
        products=asked.until_right(
            {True: "yes", False: "no", None: ""}[core],
            _("Does a core system keep the products (yes, no)"),
            "no",
            "--core | --no-core",
            read_core,
        ),
        cutover=asked.until_right(
            cutover,
            _("Orders from before which day stay with your old ways (now, export, or a day)"),
            "now" if oldest is None else "export",
            "--cutover",
            read_cutover,
        ),
        language="ja" if speaks == "ja" else "en",
        sftp=dict(given.sftp_answer(text) for text in sftp),
    )


def _speaks_english(asked: Asking) -> bool:
    return asked.is_talking and current_language() == "en"


def _shop_of(export: Export) -> str:
    return ":".join([export.platform, *export.shop_ids[:1]])


def _tell(made: Made, answers: Answers, exports: list[Export], folder: Path) -> None:
    from ecsync.starting.project import COUNT_FILE  # noqa: PLC0415

    console.say(_("The project is made: {folder}").format(folder=made.settings.folder))
    for name in made.files:
        console.say(f"  {name}")
    for export in exports:
        console.say(_about(export))
    console.say(
        _(
            "Cut-over: {cutover}. Orders from before stay with your old ways and are not shipped from here."
        ).format(cutover=answers.cutover.isoformat(sep=" ", timespec="minutes"))
    )
    if any(export.open_orders for export in exports):
        console.say(
            _(
                "A real run ships the open ones since then. Set cutover in ecsync.toml to the day you start, before it."
            )
        )
    console.say()
    console.say(_("What comes next:"))
    console.say(f"  cd {folder}")
    console.say("  ecsync doctor")
    console.say("  ecsync sync night --dry-run")
    if COUNT_FILE in made.files:
        console.say(
            _("{file}: enter what you have, save it into {folder}, then try again.").format(
                file=COUNT_FILE, folder="exchange/warehouse/stock"
            )
        )
    console.data(
        {
            "folder": str(made.settings.folder),
            "files": list(made.files),
            "channels": [channel for channel, _shop in answers.channels],
            "cutover": answers.cutover.isoformat(),
        }
    )


def _about(export: Export) -> str:
    if export.orders:
        return _(
            "{file}: {mapping}, {orders} orders, {open} of them to be shipped, {products} products"
        ).format(
            file=export.path.name,
            mapping=export.mapping,
            orders=export.orders,
            open=export.open_orders,
            products=len(export.products),
        )
    return _("{file}: {mapping}, {rows} rows, {products} products").format(
        file=export.path.name, mapping=export.mapping, rows=export.rows, products=len(export.products)
    )


def _master(opening: Path | None) -> int:
    from ecsync.master import upgrade as schema  # noqa: PLC0415
    from ecsync.master.engine import master_errors, open_engine  # noqa: PLC0415

    settings = state.settings()
    engine = open_engine(settings)
    with master_errors():
        schema.upgrade(engine)
        console.talk(_("the schema is {revision}").format(revision=schema.describe(engine).revision))
    engine.dispose()
    if opening is None:
        console.data({"opening": None})
        return 0
    from ecsync.report import run_summary  # noqa: PLC0415
    from ecsync.run.opening_run import load_opening_folder  # noqa: PLC0415

    outcome = load_opening_folder(settings, opening.resolve(), state.clock(settings))
    give(run_summary.report_of(outcome))
    return outcome.exit_status
