"""A verdict as JUnit XML: a test case for each finding and each walk, so that any CI system can list them."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from catalog.manifest.gate.findings import Finding, Impact, Level, Verdict
from catalog.manifest.gate.text import one_line, summary


def as_junit(verdict: Verdict) -> str:
    """One suite for the contracts and one for the lineage; what was not looked at is an error or skipped, never passed.

    Source: the schema that Jenkins' xUnit plugin checks with (junit-10.xsd).
    """
    suites = [_suite("contracts", [_case(one) for one in verdict.findings] or [_passed("no change breaks a contract")])]
    walks = [_walk(impact) for impact in verdict.impacts or ()]
    if verdict.impacts is None:
        skipped = _passed("impact")
        ET.SubElement(skipped, "skipped", message=one_line(verdict.unwalked or "not evaluated"))
        walks = [skipped]
    suites.append(_suite("lineage", walks or [_passed("nothing changed that has anything downstream")]))
    totals = {part: str(sum(int(suite.get(part, "0")) for suite in suites)) for part in ("tests", "failures", "errors")}
    root = ET.Element("testsuites", {"name": one_line(f"headwater check {verdict.manifest}"), **totals})
    root.extend(suites)
    ET.SubElement(suites[0], "system-out").text = one_line(summary(verdict))
    ET.indent(root)
    text: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return text.decode() + "\n"


def _suite(name: str, cases: list[ET.Element]) -> ET.Element:
    counts = {
        "tests": len(cases),
        "failures": sum(case.find("failure") is not None for case in cases),
        "errors": sum(case.find("error") is not None for case in cases),
        "skipped": sum(case.find("skipped") is not None for case in cases),
    }
    suite = ET.Element("testsuite", {"name": name, **{part: str(count) for part, count in counts.items()}})
    suite.extend(cases)
    return suite


def _passed(name: str) -> ET.Element:
    return ET.Element("testcase", classname="headwater.check", name=name)


def _case(one: Finding) -> ET.Element:
    case = ET.Element("testcase", classname=f"headwater.{one.rule.id}", name=one_line(one.subject))
    where = f"\n{one.at.file}:{one.at.line}" if one.at else ""
    contract = f" (contract {one.contract.name})" if one.contract else ""
    if one.level is Level.ERROR:
        failure = ET.SubElement(case, "failure", type=one.rule.id, message=one_line(one.message + contract))
        failure.text = _lines(f"{one.rule.breaks}\n{one.rule.remedy}{where}")
    else:
        ET.SubElement(case, "system-out").text = _lines(f"{one.level.value}: {one.message}{contract}{where}")
    return case


def _walk(impact: Impact) -> ET.Element:
    field = f" · {impact.start.field}" if impact.start.field else ""
    case = ET.Element("testcase", classname="headwater.lineage-impact", name=one_line(f"{impact.start.key}{field}"))
    if impact.truncated_by or impact.hidden:
        by = ", ".join([*impact.truncated_by, *([f"{impact.hidden} hidden"] if impact.hidden else [])])
        ET.SubElement(case, "error", type="incomplete", message=f"not all that is downstream was seen: {by}")
    lines = [f"{one.subject}: {' → '.join(one.path)}" for one in impact.reached]
    head = f"{impact.start.change}; reaches {len(lines)}" if impact.known else "the catalog knows nothing of it yet"
    ET.SubElement(case, "system-out").text = _lines("\n".join([head, *lines]))
    return case


def _lines(text: str) -> str:
    """XML 1.0 has no control characters, not even escaped."""
    return "\n".join(map(one_line, text.split("\n")))
