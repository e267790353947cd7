"""What counts as told: a parcel stands in a file that is committed to the outbox, whichever document it is."""

from __future__ import annotations

from typing import Final

# A warehouse is told of a parcel by its instruction, by its label, or by both.
PARCEL_DOCUMENTS: Final = ("shipping_instructions", "parcels")

# A destination and the count of its instructions: the same after a restored backup, whatever the parcel is called.
INSTRUCTION_KEY: Final = (
    "i.channel || ':' || i.order_no || ':' || i.dest_id || ':' || CAST(i.sequence AS TEXT)"
)

_DOCUMENTS: Final = ", ".join(f"'{name}'" for name in PARCEL_DOCUMENTS)

PARCEL_TOLD: Final = f"""EXISTS (SELECT 1 FROM outbox_key k
    WHERE k.document IN ({_DOCUMENTS}) AND k.business_key = {INSTRUCTION_KEY})"""  # noqa: S608

# The number by which any document told the parcel of `{key}`; NULL where none did.
TOLD_NUMBER: Final = f"""(SELECT MIN(k.reference) FROM outbox_key k
    WHERE k.document IN ({_DOCUMENTS}) AND k.reference <> '' AND k.business_key = {{key}})"""  # noqa: S608
