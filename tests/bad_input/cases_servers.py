"""Partners' servers that refuse us, or that we must not trust: what a run does, and what it says."""

from __future__ import annotations

from bad_input.trouble import Trouble

WAITS = (
    "the partner's orders lie where they were, its files wait in the outbox; all other partners are served"
)
SERVERS = [
    Trouble(
        "another host key than the pinned one",
        "pinned",
        12,
        ("but ecsync.toml pins SHA256:AAAA", "ecsync.toml では SHA256:AAAA"),
        WAITS,
    ),
    Trouble(
        "a host that nobody knows",
        "unknown",
        12,
        (
            "the host key of rakuten is not known: it offers SHA256:",
            "のホスト鍵が未登録です(先方の鍵: SHA256:",
        ),
        f"{WAITS}; `ecsync doctor --trust` shows the key and writes it",
    ),
    Trouble(
        "a host key that was changed",
        "changed",
        12,
        ("was changed: it offers SHA256:", "のホスト鍵が変わっています(先方の鍵: SHA256:"),
        WAITS,
    ),
    Trouble(
        "a wrong password",
        "password",
        12,
        ("rakuten refused the login of rakuten", "rakuten のログインを拒否しました"),
        f"{WAITS}; one attempt per connection",
    ),
    Trouble(
        "a key file that others can read",
        "open key",
        12,
        ("of rakuten can be read by others", "をほかの人が読めます"),
        WAITS,
    ),
    Trouble(
        "a password file that others can read",
        "open password",
        10,
        ("can be read by others", "をほかの人が読めます"),
        WAITS,
    ),
    Trouble(
        "a secret that is not set",
        "no secret",
        10,
        (
            "the environment variable ECSYNC_NOT_SET is not set",
            "環境変数 ECSYNC_NOT_SET が設定されていません",
        ),
        WAITS,
    ),
    Trouble(
        "a partner that is away",
        "away",
        13,
        ("the folder of rakuten is not there", "rakuten のフォルダーがありません"),
        WAITS,
    ),
    Trouble(
        "a partner whose quota is used up",
        "quota",
        13,
        ("rakuten did not take all of ritem/", "rakuten が ritem/"),
        "its orders were taken; what it did not take whole waits under no final name",
    ),
    Trouble(
        "a server without posix-rename, where an older file of ours must be replaced",
        "no posix-rename",
        0,
        note="removed and renamed: the new file is there once, whole",
    ),
    Trouble(
        "a file of somebody else under the name of ours",
        "conflict",
        3,
        ("the partner already has another file of this name", "先方に同じ名前の別のファイルがあります"),
        "it is never overwritten; ours waits until `ecsync outbox resolve`",
    ),
]
LISTING = Trouble(
    "hostile names in a listing: ../x, an absolute path, control characters, no UTF-8, links, folders",
    "listing",
    0,
    ("it was left alone:", "取り込まずに残しました"),
    "each is named with its reason; the good files beside them are taken, and nothing is written outside the spool",
)
