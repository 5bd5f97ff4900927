"""The page of `docs/packs.md`: what each pack decides, policy by policy, and the days of law they wait for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from catalog.checks.law import Instrument, instruments
from catalog.checks.loading import Pack, packs, read_policies
from catalog.manifest.documents.policies import Policy

_INTRO = """# Packs of policies

A pack is a folder of policies that belong together. The setting `HEADWATER_PACKS` says which ones judge the catalog; a
command takes others with `--pack`, and `all` stands for every one.

| pack | policies | what it is about |
|---|---|---|
{packs}

No pack is legal advice, and passing one is no proof of compliance with any law or standard. A policy decides only what
metadata can show. What they cannot show, people vouch for by an [Attestation](manifests/policies.md#attestation): a
statement about a control, by somebody, with evidence, until a day on which it has to be looked at again. From then on
it is a finding (`hygiene.attestation.out_of_date`). Policies can require one:

```yaml
assert: >-
  model.attestations.exists(a, a.framework == 'EU AI Act' && a.ref == 'Art. 9' && now < timestamp(a.review))
```

`headwater policy show NAME` gives the page of each policy: why it matters, what to do, its source, rule and cases. A
policy of your own that has the name of a shipped one takes its place; with `lifecycle: retired` it switches it off.

## Days of law

Duties begin on days that are decided elsewhere and move, so they are data: `headwater policy law` lists them, with who
says so and when that was looked at last. A policy that names one under `law` applies to nothing before its day, and
says from when on it will; the day it was judged by is among its parameters, in every report. To be told earlier,
declare the policy again with a `parameters.applies_from` of your own.

| id | provision | status | applies from | checked |
|---|---|---|---|---|
{law}

\\* has to be compared with the primary text.
"""


def packs_page() -> str:
    """The whole page."""
    known = {pack: read_policies(pack.path) for pack in packs()}
    listed = "\n".join(
        f"| [{pack.name}](#{pack.name}) | {len(policies)} | {_first(pack)} |" for pack, policies in known.items()
    )
    dates = "\n".join(_dates(instruments()))
    parts = [_INTRO.format(packs=listed, law=dates), *(_section(pack, policies) for pack, policies in known.items())]
    return "\n".join(parts)


def _first(pack: Pack) -> str:
    """What a pack's page begins with."""
    return " ".join(pack.about.split("\n\n")[1].splitlines())


def _dates(known: Sequence[Instrument]) -> Iterator[str]:
    for instrument in known:
        for one in instrument.provisions:
            told = f"{instrument.instrument}: {one.provision}" + (" \\*" if one.mark else "")
            day = one.applies_from or "–"
            yield f"| `{one.id}` | {told} | {one.status.replace('_', ' ')} | {day} | {one.checked_at} |"


def _section(pack: Pack, policies: Sequence[Policy]) -> str:
    """A pack: its own page below a heading of its name, and a table of its policies."""
    _, _, about = pack.about.strip().partition("\n")
    demoted = "\n".join(f"#{line}" if line.startswith("#") else line for line in about.strip().splitlines())
    lines = [f"## {pack.name}", "", demoted, "", "### Policies", ""]
    lines += ["| policy | what breaks | severity | controls | waits for |", "|---|---|---|---|---|"]
    for one in sorted(policies, key=lambda policy: policy.name):
        controls = ", ".join(f"{control.framework} {control.ref}" for control in one.controls)
        waits = f"`{one.law}`" if one.law else ""
        lines.append(f"| `{one.name}` | {one.breaks} | {one.severity} | {controls} | {waits} |")
    return "\n".join([*lines, ""])
