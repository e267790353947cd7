"""The script that people write today: pandas reads the file, checks it, writes it with to_sql, and merges.

Nothing is kept of a row that fails, nothing is proved, a second run doubles what `merge` does not see.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd
import sqlalchemy as sa
from order_floor import KEY, mapped_columns

NUMBERS = ["商品合計金額", "送料合計", "請求金額", "ポイント利用額", "店舗発行クーポン利用額", "単価", "個数"]


def main(path: Path, url: str) -> int:
    """Load the file; return how many orders are known now."""
    frame = pd.read_csv(path, encoding="cp932", dtype=str, keep_default_na=False)
    frame = frame[mapped_columns()]
    frame = frame.drop_duplicates(subset=[KEY])
    for name in NUMBERS:
        frame[name] = pd.to_numeric(frame[name], errors="coerce")
    frame["注文日時"] = pd.to_datetime(frame["注文日時"], errors="coerce")
    bad = (
        frame[NUMBERS].isna().any(axis=1)
        | frame["注文日時"].isna()
        | ~frame["ステータス"].str.fullmatch("[1-9]00")
    )
    frame = frame[~frame["注文番号"].isin(frame.loc[bad, "注文番号"])]
    parts = [frame[f"送付先電話番号{n}"] for n in (1, 2, 3)]
    frame["電話番号"] = parts[0] + "-" + parts[1] + "-" + parts[2]
    sums = (
        frame["商品合計金額"] + frame["送料合計"] - frame["ポイント利用額"] - frame["店舗発行クーポン利用額"]
    )
    frame = frame[sums == frame["請求金額"]]
    engine = sa.create_engine(url)
    with engine.begin() as conn:
        if sa.inspect(conn).has_table("order_lines"):
            known = pd.read_sql_table("order_lines", conn)
            both = frame.merge(known[[KEY, "ステータス"]], on=KEY, how="left", suffixes=("", "_known"))
            changed = both[both["ステータス"] != both["ステータス_known"]]
            kept = known[~known[KEY].isin(changed[KEY])]
            frame = pd.concat([kept, changed.drop(columns=["ステータス_known"])])
        frame.to_sql("order_lines", conn, index=False, if_exists="replace", chunksize=10_000)
        stored = pd.read_sql_query(sa.text('SELECT "商品明細ID", "請求金額" FROM order_lines'), conn)
    compared = frame[[KEY, "請求金額"]].merge(stored, on=KEY, how="outer", suffixes=("", "_stored"))
    differing = int((compared["請求金額"] != compared["請求金額_stored"]).sum())
    print(len(frame), "lines,", differing, "differ")
    return 0


if __name__ == "__main__":
    target = sys.argv[2]
    sys.exit(main(Path(sys.argv[1]), target if "://" in target else f"sqlite:///{target}"))
