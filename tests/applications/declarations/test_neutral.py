"""No page names the law of one country: what somebody's own side asks for is theirs to know."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
LAWS = re.compile(
    r"\b(?:Wolf|ITAR|EAR99|FOCI|CFR|BIS|OFAC|Wassenaar|COCOM|Cox|FAR clause|NASA(?:-funded| funds| rules?)|"
    r"Export (?:Administration|Control) (?:Act|Law|Regulations?)|"
    r"(?:U\.?S\.?|American|British|Canadian|Chinese|European|EU|French|German|Indian|Japanese|Korean|Russian|Swiss)"
    r" (?:law|act|rules?|regulations?|directive|export|funder|statute|licen[cs]e|government))\b",
)
CHINESE = re.compile(
    r"沃尔夫|武器贸易条例|出口管制法|出口管理条例|瓦森纳|[美英法德日俄韩印加欧中][国盟](?:法律|法规|规定|出口|资助)"
)


def words() -> dict[str, str]:
    """Every template, and every string and translation, by file."""
    paths = [*(ROOT / "templates").rglob("*.*"), *(ROOT / "portal" / "locale").rglob("*.po")]
    paths += [*(ROOT / "applications").rglob("*.py"), *(ROOT / "portal" / "demonstration").rglob("*.toml")]
    return {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in paths}


def test_no_page_and_no_translation_names_one_countrys_law() -> None:
    found = {name: LAWS.findall(text) + CHINESE.findall(text) for name, text in words().items()}
    assert {name: named for name, named in found.items() if named} == {}


def test_the_search_would_find_one() -> None:
    for planted in ("the Wolf rule", "an ITAR licence", "American law", "under EU export rules"):
        assert LAWS.search(planted), planted
    assert CHINESE.search("依照美国法律") and CHINESE.search("出口管制法")


def test_the_page_says_it_neutrally() -> None:
    form = (ROOT / "applications" / "declarations" / "forms.py").read_text(encoding="utf-8")
    assert "a law or funder rule on your side" in form
