"""Files that are bad as a whole: empty, cut, wrongly encoded, of another shape, packed, or too large."""

from __future__ import annotations

from bad_input import damage as to
from bad_input.damage import Damage
from bad_input.inbound import FileCase, Two

R, S, E, K = "rakuten-orders", "shopify-orders", "main-events", "main-stock"
FETCH: Two = ("Fetch the file from the partner again", "連携先からファイルを取り直してください")
LINE_END: Two = (
    "Fetch the file again; if it is whole, add a line end",
    "ファイルを取り直してください。欠けがなければ、末尾に改行を足してください",
)
EDITED: Two = (
    "Fetch the file anew; if someone has edited it, undo that",
    "ファイルを取り直してください。手で直した箇所があれば元に戻してください",
)
ENCODED: Two = (
    "Export it in the declared encoding, or change the mapping",
    "指定の文字コードで書き出すか、マッピングを直してください",
)
PACKED: Two = (
    "Unpack or export it as CSV and put that in",
    "展開するか CSV で書き出したものを入れてください",
)
ALL_COLUMNS: Two = (
    "Choose all columns in the partner's export, or change the mapping",
    "連携先の書き出しで全項目を選ぶか、マッピングを直してください",
)
ONCE: Two = (
    "Choose each column once in the partner's export",
    "連携先の書き出しで、同じ項目を二度選ばないでください",
)
EMPTY: Two = ("it is empty", "中身が空です")
NO_END: Two = (
    "its last row has no line end: whether it was cut cannot be known",
    "最後の行に改行がなく、途中で切れたか判断できません",
)
CUT: Two = (
    "it ends inside a quoted cell: it was cut",
    "引用符の途中で終わっています。ファイルが切れています",
)
NUL: Two = ("it holds a NUL byte", "NUL 文字が入っています")
LONE: Two = (
    "a quote stands inside a cell that is not quoted",
    "引用符で囲まれていないセルの中に引用符があります",
)
GLUED: Two = ("text follows a closing quote", "閉じた引用符のあとに文字があります")


def at(line: int, column: int = 0, byte: str = "{byte}") -> Two:
    """Return how a place is said."""
    if column:
        return (
            f" (line {line}, column {column}, byte {byte})",
            f" ({line} 行目、項目 {column}、{byte} バイト目)",
        )
    return (f" (line {line}, byte {byte})", f" ({line} 行目、{byte} バイト目)")


HEADER = at(1, byte="0")
# The first twenty columns that a file of another partner lacks.
RAKUTEN_LACKS = (
    "注文番号, 注文日時, ステータス, 支払方法名, 楽天確認中フラグ, 複数送付先フラグ, 商品合計金額, ラッピング料金1, "
    "ラッピング料金2, 送料合計, 代引料合計, 消費税合計, ポイント利用額, 店舗発行クーポン利用額, "
    "楽天発行クーポン利用額, 請求金額, 注文者姓, 注文者名, 注文者姓カナ, 注文者名カナ, ..."
)


def refused(
    name: str, flow: str, damage: Damage, why: Two, then: Two, place: Two = ("", ""), note: str = ""
) -> FileCase:
    """Return a case of a file that is refused whole."""
    said = (why[0] + place[0], why[1] + place[1])
    return FileCase(name, flow, damage, "refused", said, then, note=note)


def encoded(name: str, flow: str, damage: Damage, found: str, declared: str) -> FileCase:
    """Return a case of a file that is written in another encoding, which is found out and named."""
    why = (
        f"it is written in {found}, not in {declared}",
        f"文字コードが {declared} ではなく {found} です",
    )
    return refused(name, flow, damage, why, ENCODED, HEADER)


def packed(name: str, damage: Damage, kind: str) -> FileCase:
    """Return a case of a file that is no text; it is looked at, and never unpacked."""
    why = (f"it is no CSV file but {kind}", f"CSV ではなく {kind} のファイルです")
    return refused(name, R, damage, why, PACKED, note="nothing is unpacked")


def missing(names: str, strange: str = "-") -> Two:
    """Return how missing columns are said."""
    return (
        f"columns are missing: {names}; columns that are not known: {strange}",
        f"必要な項目がありません: {names}(知らない項目: {strange})",
    )


def ragged(found: int, expected: int = 158) -> Two:
    """Return how a row of another width is said."""
    return (
        f"a row has {found} cells instead of {expected}",
        f"セルが {expected} 個のはずの行に {found} 個あります",
    )


def harmless(name: str, flow: str, damage: Damage, note: str = "") -> FileCase:
    """Return a case of a file that looks bad and is taken as it is."""
    return FileCase(name, flow, damage, "taken", note=note)


WHOLE_AND_CUT = [
    refused("an empty file", R, to.becomes(b""), EMPTY, FETCH),
    refused("line ends and nothing else", R, to.becomes(b"\r\n\r\n"), EMPTY, FETCH),
    refused("a byte order mark and nothing else", S, to.becomes(b"\xef\xbb\xbf"), EMPTY, FETCH),
    FileCase(
        "only the header",
        R,
        to.header_only,
        "taken",
        out=(1, 2, 3, 4),
        note="a day without orders looks alike: `guard = { min_rows = 1 }` stops it, and nothing is taken as cancelled",
    ),
    FileCase(
        "only the header of a count",
        K,
        to.header_only,
        "taken",
        out=range(1, 10),
        note="no SKU is set to zero by it",
    ),
    refused("only the header, without its line end", R, to.header_cut, NO_END, LINE_END, HEADER),
    refused("cut in the middle of a quoted cell", R, to.cut(0.7), CUT, FETCH, at(6, 1)),
    refused("cut before the last quote", R, to.cut_in_last_cell, CUT, FETCH, at(9, 158)),
    refused("cut in the middle of a cell without quotes", S, to.cut(0.9), NO_END, LINE_END, at(3, 36)),
    refused("cut before the last line end", E, lambda good: good[:-2], NO_END, LINE_END, at(2, 9)),
]
COLUMNS = [
    refused("a missing column", R, to.without_column("注文番号"), missing("注文番号"), ALL_COLUMNS, HEADER),
    refused(
        "a renamed column", R, to.renamed_column("個数", "数量"), missing("個数", "数量"), ALL_COLUMNS, HEADER
    ),
    refused(
        "a doubled column",
        R,
        to.added_column("注文番号", "x"),
        ("columns stand more than once: 注文番号", "同じ項目が二度あります: 注文番号"),
        ONCE,
        HEADER,
    ),
    harmless("columns in another order", R, to.reordered(), "columns are found by their names"),
    FileCase(
        "an unknown column",
        R,
        to.added_column("新しい列", "x"),
        "taken",
        ("新しい列", "新しい列"),
        heading=("Columns that are not known", "知らない項目"),
        note="it is named, and not read",
    ),
    refused(
        "10,000 columns",
        R,
        to.many_columns,
        ("it has 10000 columns, more than 4096", "項目が 10000 個あります(上限 4096)"),
        FETCH,
        HEADER,
    ),
]
ENCODINGS = [
    encoded("UTF-8 where cp932 is declared", R, to.in_encoding("utf-8"), "utf-8", "cp932"),
    encoded("UTF-8 with its mark where cp932 is declared", R, to.in_encoding("utf-8-sig"), "utf-8", "cp932"),
    encoded("UTF-16 where cp932 is declared", R, to.in_encoding("utf-16"), "utf-16", "cp932"),
    encoded(
        "UTF-16 without its mark where cp932 is declared", R, to.in_encoding("utf-16-le"), "utf-16", "cp932"
    ),
    encoded("EUC-JP where cp932 is declared", R, to.in_encoding("euc_jp"), "euc_jp", "cp932"),
    encoded("ISO-2022-JP where cp932 is declared", R, to.in_encoding("iso2022_jp"), "iso2022_jp", "cp932"),
    refused(
        "cp932 where UTF-8 is declared",
        S,
        to.in_encoding("cp932", "utf-8"),
        ("it is not written in utf-8", "文字コード utf-8 で書かれていません"),
        ENCODED,
        at(2, 15),
    ),
    refused(
        "EUC-JP where UTF-8 is declared",
        S,
        to.in_encoding("euc_jp", "utf-8"),
        ("it is not written in utf-8", "文字コード utf-8 で書かれていません"),
        ENCODED,
        at(2, 15),
    ),
    encoded("UTF-16 where UTF-8 is declared", S, to.in_encoding("utf-16", "utf-8"), "utf-16", "utf-8"),
    encoded(
        "UTF-16 without its mark where UTF-8 is declared",
        S,
        to.in_encoding("utf-16-le", "utf-8"),
        "utf-16",
        "utf-8",
    ),
    harmless("UTF-8 with its mark where it is declared without", S, to.in_encoding("utf-8-sig", "utf-8")),
]
SHAPES = [
    harmless("mixed line ends", R, to.mixed_line_ends),
    refused("a lone quote", S, to.replaced("鵯荘", '鵯"荘', "utf-8"), LONE, EDITED, at(2, 28)),
    refused(
        "text behind a closing quote", R, to.replaced('"金糸雀姓"', '"金糸雀姓"様'), GLUED, EDITED, at(2, 41)
    ),
    refused(
        "a quote that is not closed", R, to.replaced('"金糸雀姓"', '"金糸雀姓'), GLUED, EDITED, at(2, 41)
    ),
    refused("a comma too many in one row", R, to.trailing_comma(3), ragged(159), EDITED, at(6, 159)),
    harmless(
        "a comma at the end of every line",
        S,
        to.added_column("", "", "utf-8"),
        "a column without a name is not read",
    ),
    refused("a cell too few", R, to.without_cell(2), ragged(157), EDITED, at(4, 157)),
    refused("a NUL byte", R, to.nul_inside("金糸雀姓"), NUL, FETCH, at(2)),
    refused(
        "a row longer than the limit",
        R,
        to.long_record,
        (
            "a row is longer than 4194304 bytes; a quote may be missing",
            "1行が 4194304 バイトを超えています。引用符が抜けているかもしれません",
        ),
        EDITED,
        at(2),
    ),
]
OTHER_KINDS = [
    packed("a gzip file", to.gzipped, "gzip"),
    packed("a gzip bomb", to.gzip_bomb, "gzip"),
    packed("a zip archive, or a workbook", to.zipped, "zip / xlsx"),
    packed("a zip bomb", to.zip_bomb, "zip / xlsx"),
    packed("a PDF", to.becomes(b"%PDF-1.7\n"), "PDF"),
    packed(
        "a page that asks for a login",
        to.becomes("<!doctype html>\n<html><body>ログイン</body></html>\n".encode()),
        "HTML",
    ),
    refused(
        "the file of another partner",
        R,
        to.becomes(b"Name,Email,Total\n#1,x@example.jp,100\n"),
        missing(RAKUTEN_LACKS),
        ALL_COLUMNS,
        HEADER,
    ),
]
FILES = [*WHOLE_AND_CUT, *COLUMNS, *ENCODINGS, *SHAPES, *OTHER_KINDS]
