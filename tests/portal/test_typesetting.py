"""Papers: tagged PDF in the portal's own typefaces, the same bytes each time, nothing lost and nothing executed."""

import hashlib
import io
import re
from datetime import UTC, datetime
from typing import Any

import pikepdf
import pytest
from django.conf import settings

from portal import typesetting
from portal.typesetting import NotSet, printable, typeset, unprintable
from tests.papers import text_of

AT = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)
SCIENCE = (
    "1.25 mg ± 4 µm, 0.3 ‰, 25 Å, δ¹⁸O, H₂O, m², ∑ ≤ ≈ → ⊕ 𝑥, Łódź, Привет, Ελλάδα, Vũ Thị, محمد, “嫦娥五号”、喆、かな"
)
HOSTILE = (
    '#read("/etc/passwd") #include "/etc/passwd" $x^2$ \\ #import "@preview/x:1.0.0": y',
    "*bold* _it_ = not a heading\n= neither\n- nor a list <label> @ref `code` // comment /* ",
    '"; }} ] ) #eval("1+1") #panic("x") {{ data }} {% load %} <script>alert(1)</script>',
    "\u202eevil\u202c \u0000\u0001\u001b[31m \ufffe\uffff \ue000 \U0010ffff \u2028 \ufeff \u0085",
    "a" + "\u0301" * 400 + " 样\u0301\u0302 क्ष \u0e01 \u200d\u200d \U000e0041",
    "x" * 12_000,
    "样" * 12_000,
    "\n" * 3_000 + "end",
    "가나다 😀👩‍🚀 שלום ไทย 㑇",
)


def data(*texts: str, **more: Any) -> dict[str, Any]:
    """Return a paper of one part with these texts."""
    blocks = [{"kind": "text", "words": text, "language": "en"} for text in texts]
    plain = {"kicker": "Paper", "running": "Running", "mark": "1", "foot": "Foot", "facts": [["Reference", "1"]]}
    return plain | {"missing_lead": "Missing:", "parts": [{"heading": "Part", "blocks": blocks}]} | more


def set_(*texts: str, language: str = "en", **more: Any) -> bytes:
    return typeset("paper", data(*texts, **more), language=language, title="A title 标题", at=AT)


def test_paper_is_tagged_and_says_its_title_language_and_date() -> None:
    with pikepdf.open(io.BytesIO(set_(SCIENCE))) as pdf:
        metadata = pdf.open_metadata()
        assert metadata["pdfuaid:part"] == "1"
        assert metadata["dc:title"] == "A title 标题"
        assert "dc:creator" not in metadata and "/Author" not in pdf.docinfo
        assert bool(pdf.Root.MarkInfo.Marked) and "/StructTreeRoot" in pdf.Root
        assert str(pdf.Root.Lang) == "en-GB"
        assert bool(pdf.Root.ViewerPreferences.DisplayDocTitle)
        assert str(pdf.docinfo["/CreationDate"]).startswith("D:20261122140000")
    with pikepdf.open(io.BytesIO(set_(SCIENCE, language="zh-hans"))) as pdf:
        assert str(pdf.Root.Lang) == "zh-CN"


def test_same_paper_is_the_same_bytes() -> None:
    first = hashlib.sha256(set_(SCIENCE)).digest()
    typesetting._pressed.cache_clear()
    assert hashlib.sha256(set_(SCIENCE)).digest() == first
    assert set_(SCIENCE) != set_(SCIENCE + "!")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_everything_of_the_field_is_printed_in_own_typefaces(language: str) -> None:
    assert unprintable(SCIENCE) == set()
    made = set_(SCIENCE, language=language)
    with pikepdf.open(io.BytesIO(made)) as pdf:
        names = {str(one.BaseFont).split("+")[1] for one in pdf.objects if _is_font(one)}
    assert {name.split("-")[0] for name in names} == {"NotoSans", "NotoSansSC", "NotoSansMath", "NotoSansArabic"}
    shown = text_of(made)
    for word in ("1.25 mg ± 4 µm", "0.3 ‰", "H₂O", "∑ ≤ ≈ → ⊕ 𝑥", "Łódź", "Привет", "Ελλάδα", "嫦娥五号", "喆", "かな"):
        assert word.replace(" ", "") in shown


def _is_font(one: Any) -> bool:
    return isinstance(one, pikepdf.Dictionary) and str(one.get("/Type")) == "/Font" and "+" in str(one.get("/BaseFont"))


def test_typefaces_hold_every_character_of_the_chinese_national_standard() -> None:
    pairs = (bytes([first, second]) for first in range(0xA1, 0xF8) for second in range(0xA1, 0xFF))
    characters = {pair.decode("gb2312", errors="ignore") for pair in pairs} - {""}
    assert len(characters) == 7445
    assert unprintable("".join(characters)) == set()
    assert unprintable("".join(map(chr, range(0x4E00, 0x9FF0)))) == set()


def test_what_no_typeface_has_is_printed_as_its_number_and_listed() -> None:
    assert unprintable("가😀a㑇") == {"가", "😀", "㑇"}
    assert printable("[가]") == "[[U+AC00]]"
    shown = text_of(set_("Name: 가 😀"))
    assert "Name:[U+AC00][U+1F600]" in shown
    assert "Missing:U+AC00,U+1F600" in shown
    assert "Missing:" not in text_of(set_("Name"))


@pytest.mark.parametrize("hostile", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_only_text(hostile: str) -> None:
    made = set_(hostile, facts=[[hostile[:200], hostile[:200]]], foot=hostile[:100], running=hostile[:100])
    shown = text_of(made)
    wanted = re.sub(r"\s", "", printable(hostile))
    assert "root:" not in shown
    if "#" in hostile or "*" in hostile:
        assert wanted in shown
    assert len(shown) >= len(set(wanted))


def test_long_words_stay_on_the_page() -> None:
    with pikepdf.open(io.BytesIO(set_("x" * 3_000))) as pdf:
        assert len(pdf.pages) == 1
    assert text_of(set_("x" * 3_000)).count("x") >= 3_000


def test_every_kind_of_character_can_be_printed() -> None:
    """Any character of Unicode, alone and after a letter, makes a paper: nothing an applicant types is a fault."""
    step = 7
    for start in range(0, 0x30000, 0x4000):
        codes = [code for code in range(start, start + 0x4000, step) if not 0xD800 <= code < 0xE000]
        set_(" ".join(chr(code) for code in codes), "".join(f"e{chr(code)} 样{chr(code)} " for code in codes))


def test_paper_that_takes_too_long_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typesetting, "SECONDS", 0.01)
    with pytest.raises(NotSet, match="took longer"):
        set_("words")


def test_press_reads_nothing_but_templates_and_fetches_nothing(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even a template that were given words as markup could not reach a file outside, a package or the network."""
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    papers = tmp_path / "papers"
    papers.mkdir()
    monkeypatch.setattr(typesetting, "TEMPLATES", papers)
    for line in (f'#read("{secret}")', '#read("../secret.txt")', '#import "@preview/cetz:0.3.0": *', "#while true {}"):
        (papers / "paper.typ").write_text(f'#set document(title: "t")\n{line}')
        with pytest.raises(NotSet):
            set_("words")
    (papers / "paper.typ").write_text('#set document(title: "t")\nwords')
    assert set_("words").startswith(b"%PDF-")


def test_typefaces_are_the_ones_listed() -> None:
    listed = dict(re.findall(r"`portal/typefaces/(\S+\.ttf)`.*`([0-9a-f]{64})`", _third_party()))
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in typesetting.TYPEFACES.glob("*.ttf")}
    assert listed == found
    assert sum(path.stat().st_size for path in typesetting.TYPEFACES.glob("*.ttf")) <= 12_000_000


def _third_party() -> str:
    return (settings.BASE_DIR / "THIRD_PARTY.md").read_text(encoding="utf-8")
