"""A sealed file is verified with a public key alone, and a byte that was changed is found."""

from __future__ import annotations

import base64
import json
import random
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from catalog.errors import InvalidKey
from catalog.reports.canonical import canonical, content_of, sha256
from catalog.reports.keys import SealKey, make_key, read_key, read_public
from catalog.reports.renderers import RENDERERS
from catalog.reports.seal import FORMATS, Seal, read_seal, seal_of, sealed, sign, to_json
from catalog.reports.verify import chain_faults, report_of, take_apart, verify
from tests.unit.reports.a_report import a_report, a_small_report

KEY, OTHER = SealKey.new(), SealKey.new()
DICE = random.Random(7)


@cache
def bodies() -> dict[str, bytes]:
    report = a_small_report()
    content = content_of(report)
    return {format_: render(report, content) for format_, render in RENDERERS.items()}


def a_seal(number: int = 1, previous: str = "", key: SealKey = KEY) -> Seal:
    made = bodies()
    renderings = {format_: body for format_, body in made.items() if format_ != "json"}
    at = "2026-11-22T03:00:01Z"
    return sign(
        seal_of(a_small_report(), made["json"], renderings, number=number, previous=previous, at=at, by="ada"), key
    )


def a_file(format_: str) -> bytes:
    return sealed(format_, bodies()[format_], a_seal())


def wrong(file: bytes, *keys: SealKey) -> list[str]:
    verdict = verify(file, [key.public for key in keys or (KEY,)])
    return [part.name for part in verdict.parts if not part.holds]


@pytest.mark.parametrize("format_", FORMATS)
def test_a_sealed_file_holds(format_: str) -> None:
    """With the public key, and nothing else."""
    verdict = verify(a_file(format_), read_public(OTHER.public.pem + "between\n" + KEY.public.pem))

    assert (True, format_, 1) == (verdict.holds, verdict.format, verdict.seal and verdict.seal.number)


@pytest.mark.parametrize("format_", FORMATS)
def test_one_changed_byte_is_found(format_: str) -> None:
    """Wherever it is: in what is told, in the seal, in the line's spelling, or in the end of the file."""
    file = a_file(format_)
    seal_at = len(file) - len(base64.urlsafe_b64encode(a_seal().spelled())) - 100
    places = {*range(20), *range(max(0, seal_at), len(file)), *DICE.sample(range(len(file)), 100)}
    held = []
    for at in sorted(places):
        other = file[at] ^ (0x20 if at % 2 else 1 << DICE.randrange(8))
        if not wrong(file[:at] + bytes([other]) + file[at + 1 :]):
            held.append((at, other))

    assert [] == held


@pytest.mark.parametrize("format_", FORMATS)
def test_a_byte_more_or_less_is_found(format_: str) -> None:
    """Cut, extended, doubled or emptied."""
    file = a_file(format_)
    cuts = (file[:-1], file[1:], file + b"\n", file + file, file[: len(file) // 2], b"", b" " + file)

    assert [True] * len(cuts) == [bool(wrong(cut)) for cut in cuts]


@pytest.mark.parametrize("format_", FORMATS)
def test_another_key_is_told_apart_from_a_change(format_: str) -> None:
    """Who has the wrong key learns that, and who has a changed file learns where."""
    file, digit = a_file(format_), {"json": b'"version":1', "pdf": b"/Title"}.get(format_, b"policy-compliance")

    assert ["signature"] == wrong(file, OTHER)
    assert ["content"] == wrong(file.replace(digit, digit[:-1] + b"9", 1))


def test_a_seal_put_on_another_file_is_found() -> None:
    """Formats cannot be swapped, nor can reports: the seal names their hashes."""
    assert ["content"] == wrong(sealed("md", bodies()["html"] + b" ", a_seal()))
    assert ["content"] == wrong(sealed("json", content_of(a_report(4)), a_seal()))


def test_a_forged_seal_has_no_signature() -> None:
    """Whoever changes report and seal alike lacks the key."""
    content = content_of(replace(a_small_report(), title="All is well"))
    forged = replace(a_seal(), content=sha256(content))

    assert ["signature"] == wrong(sealed("json", content, forged))
    assert ["signature"] == wrong(sealed("json", content, sign(forged, OTHER)))
    assert [] == wrong(sealed("json", content, sign(forged, KEY)))


def test_a_policy_whose_text_is_not_that_of_its_hash_is_found() -> None:
    """Even under a right signature: the record has to agree with itself."""
    report = a_small_report()
    told = replace(report, policies=tuple((*policy[:4], policy[4] + " ") for policy in report.policies))
    content = content_of(told)
    seal = sign(seal_of(told, content, {}, number=1, previous="", at="", by=""), KEY)

    assert ["policies"] == wrong(sealed("json", content, seal))


def test_a_file_pretty_printed_says_so() -> None:
    """It is not the file that was sealed; its report can be read all the same."""
    pretty = json.dumps(json.loads(a_file("json")), indent=1).encode()
    (part,) = verify(pretty, [KEY.public]).parts

    assert "spelled otherwise" in part.says
    assert a_small_report() == report_of(pretty)


def test_the_same_seal_is_signed_alike() -> None:
    """Ed25519 leaves nothing to chance: sealing again gives the same bytes."""
    assert a_seal() == a_seal()
    assert a_file("pdf") == a_file("pdf")
    assert a_seal() == read_seal(json.loads(canonical(to_json(a_seal()))))


def test_gaps_forks_and_wrong_links_of_a_chain_are_found() -> None:
    """The chain is whole only if every seal is there and stands behind the one before."""
    first = a_seal()
    second = a_seal(2, first.hash)
    third = a_seal(3, second.hash)
    twin = sign(replace(second, by="eve"), KEY)
    keys = [KEY.public]

    assert [] == chain_faults([third, first, second], keys)
    assert [] == chain_faults([], keys)
    assert ["the chain has a gap: seal 2 is missing"] == chain_faults([first, third], keys)
    assert ["the chain has a gap: seal 1 to 2 is missing"] == chain_faults([third], keys)
    assert [] == chain_faults([first, third], keys, whole=False)
    assert any("forks" in fault for fault in chain_faults([first, second, twin, third], keys))
    assert any("broken" in fault for fault in chain_faults([first, twin, third], keys))
    assert any("broken" in fault for fault in chain_faults([a_seal(1, "ab")], keys))
    assert any("key" in fault for fault in chain_faults([first], [OTHER.public]))


def test_keys_are_kept_to_oneself(tmp_path: Path) -> None:
    """Made once with mode 0600, and refused where others may read it; a public key is no private one."""
    path = tmp_path / "key.pem"
    made = make_key(path)

    assert 0o600 == path.stat().st_mode & 0o777
    assert made.public.id == make_key(path).public.id == read_key(path).public.id
    path.chmod(0o644)
    with pytest.raises(InvalidKey, match="chmod 600"):
        read_key(path)
    with pytest.raises(InvalidKey, match="private key; give the public one"):
        read_public(made.pem().decode())
    with pytest.raises(InvalidKey, match="cannot be read"):
        read_key(tmp_path / "none.pem")
    path.chmod(0o600)
    path.write_text(made.public.pem)
    with pytest.raises(InvalidKey, match="no private key"):
        read_key(path)


def test_the_seals_line_is_the_formats_comment() -> None:
    """A reader of the format does not see it; PDF readers find the end of the file where they look for it."""
    line = base64.urlsafe_b64encode(a_seal().spelled())

    assert a_file("html").endswith(b"</html>\n<!-- headwater-seal: " + line + b" -->\n")
    assert a_file("csv").endswith(b"\r\nheadwater-seal," + line + b"\r\n")
    assert a_file("pdf").endswith(b"%%EOF\n")
    assert b"startxref" in a_file("pdf")[-60:]
    assert bodies()["pdf"] == take_apart(a_file("pdf")).body
