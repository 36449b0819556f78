"""What axe-core finds wrong with a page for people who use it in another way.

`axe.min.js` is axe-core 4.12.1 by Deque Systems, under the Mozilla Public License 2.0,
as its first lines say. It is used by these tests alone.
"""

from pathlib import Path

AXE = Path(__file__).with_name("axe.min.js")
# Findings that keep somebody from using the page.
GRAVE = ("serious", "critical")


def grave_findings(page, but=()):
    """Return what is seriously wrong with a page, one line per place.

    Args:
        page: The page of the browser, at rest.
        but: Selectors of elements that are not looked at.
    """
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    exclude = [[selector] for selector in but]
    found = page.evaluate(
        "exclude => axe.run({exclude}, {resultTypes: ['violations']})", exclude
    )
    lines = []
    for finding in found["violations"]:
        if finding["impact"] not in GRAVE:
            continue
        for node in finding["nodes"]:
            told = [check["message"] for check in (*node["any"], *node["all"])]
            place = " ".join(map(str, node["target"]))
            lines.append(f"{finding['id']}: {place}: {'; '.join(told)[:300]}")
    return lines
