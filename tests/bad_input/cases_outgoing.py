"""What cp932 and a label cannot carry: it is replaced by a declared sign, or its label is not sent and named."""

from __future__ import annotations

from dataclasses import dataclass

from bad_input.inbound import Line, Two

REPLACED: Two = ("Character replaced for the receiver", "送信先が読めない文字の置き換え")
NOT_TAKEN: Two = ("Text that the receiver cannot take", "送信先が受け取れない文字や値")
AT_SOURCE: Two = (
    "Change it at its source, then run again",
    "元のデータ(モールの受注や商品名など)を直してから、もう一度実行",
)
NAME = "お届け先名"


@dataclass(frozen=True)
class OutgoingCase:
    """A first name in an order of 木村, and the name on the label; '' where the label is not sent."""

    name: str
    given: str
    label: str
    code_point: str
    written: str = ""
    why: Two = ("", "")

    @property
    def status(self) -> int:
        """Return the status of the run."""
        return 0 if self.label else 3

    def wanted(self, language: int, order: str) -> list[Line]:
        """Return the lines that a person reads of the order."""
        if self.label:
            said = (
                f'{NAME}: {self.code_point} written as "{self.written}" (1 rows of the file)',
                f"項目 {NAME}: {self.code_point} を「{self.written}」に置き換え(1行)",
            )
            return [Line(REPLACED[language], order, said[language], "")]
        return [Line(NOT_TAKEN[language], order, self.why[language], AT_SOURCE[language])]


def refused(name: str, given: str, code_point: str) -> OutgoingCase:
    """Return a case of a sign that no label can carry."""
    why = (
        f"{NAME}: it holds a character that the receiver cannot read ({code_point}); it was not sent",
        f"項目 {NAME}: 相手先で読めない文字があります ({code_point})。この行は送っていません",
    )
    return OutgoingCase(name, given, "", code_point, why=why)


OUTGOING = [
    refused("an emoji", "花😀", "U+1F600"),
    refused("Hangul", "한별", "U+D55C"),
    refused("a kanji without a declared replacement (彅)", "彅", "U+5F45"),
    refused("half a number (½)", "花½", "U+00BD"),
    OutgoingCase("𠮷", "𠮷子", "木村 吉子", "U+20BB7", "吉"),
    OutgoingCase("繫", "繫", "木村 繋", "U+7E6B", "繋"),
    OutgoingCase("a company's mark (㈱)", "㈱花", "木村 (株)花", "U+3231", "(株)"),
    OutgoingCase("a letter with an accent", "Zoé", "Zoe 木村", "U+00E9", "e"),
    OutgoingCase("ゔ in hiragana", "ゔぃ", "木村 ヴぃ", "U+3094", "ヴ"),
    OutgoingCase("a no-break space", "花\u00a0子", "花 子 木村", "U+00A0", " "),
    OutgoingCase("か with a combining mark", "か\u3099く", "木村 がく", "U+304B U+3099", "が"),
    OutgoingCase("a wave dash", "は〜と", "木村 は～と", "U+301C", "～"),
    OutgoingCase("an em dash", "花—子", "木村 花―子", "U+2014", "―"),
    OutgoingCase("a zero width space", "花\u200b子", "木村 花子", "U+200B"),
]
