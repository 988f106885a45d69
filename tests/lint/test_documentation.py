"""`rules/README.md` is what the rules say of themselves."""

import re

from promptls.lint.documentation import rule_markdown, rule_url, rules_markdown
from promptls.lint.registry import built_in_rules
from tests.support import ROOT

MANUAL = ROOT / "rules" / "README.md"


def test_manual_is_current() -> None:
    assert MANUAL.read_text(encoding="utf-8") == rules_markdown(built_in_rules()), "run `make docs`"


def test_addresses_point_at_headings() -> None:
    # GitHub makes an anchor by lowering a heading and dropping what is neither a word character nor a dash.
    headings = re.findall(r"^#+ (\S+/\S+)$", MANUAL.read_text(encoding="utf-8"), re.M)
    anchors = {re.sub(r"[^\w-]", "", heading.lower()) for heading in headings}
    assert len(anchors) == len(headings)
    assert {rule_url(rule.id).partition("#")[2] for rule in built_in_rules()} == anchors


def test_links_in_the_manual_lead_somewhere() -> None:
    text = MANUAL.read_text(encoding="utf-8")
    links = set(re.findall(r"^\| \[[^\]]+\]\(#([^)]+)\)", text, re.M))
    assert links == {rule_url(rule.id).partition("#")[2] for rule in built_in_rules()}


def test_page_of_one_rule() -> None:
    rule = built_in_rules().by_id["security/invisible-unicode"]
    page = rule_markdown(rule)
    assert page.startswith("# security/invisible-unicode\n\nThe text holds characters that people cannot see")
    assert "Wrong:\n\n```handlebars\n" in page
    assert "Right:\n\n```handlebars\n" in page
    assert "\\u{200b}" in page
    assert "* Severity: error\n" in page
    assert "* Fix: safe: `check --fix` applies it\n" in page
    assert "prompt bad" not in page
