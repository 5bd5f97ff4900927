"""Every setting explains itself, is read from its variable, and says which variable is wrong."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from catalog.errors import InvalidSetting
from catalog.settings import PREFIX, Settings, read_settings

FIELDS = sorted(Settings.model_fields)
SECRET = "kept-to-ourselves"


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is set where the tests run is none of their business."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)


@pytest.mark.parametrize("name", FIELDS)
def test_a_setting_has_a_description_and_an_example(name: str) -> None:
    """Both are sentences for `docs/settings.md`."""
    field = Settings.model_fields[name]

    assert re.fullmatch(r"[A-Z`].*\.", field.description or "", re.DOTALL)
    assert 1 == len(field.examples or [])


@pytest.mark.parametrize("name", FIELDS)
def test_an_example_can_be_set(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the variable that the documentation names; it wins over the default and loses to what is given."""
    (example,) = Settings.model_fields[name].examples or [None]
    monkeypatch.setenv(f"{PREFIX}{name.upper()}", str(example))
    read = getattr(read_settings(), name)

    assert str(example) == (read.get_secret_value() if isinstance(read, SecretStr) else str(read))
    assert read == getattr(read_settings(**{name: None}), name)
    monkeypatch.setenv(f"{PREFIX}{name.upper()}", "?")
    assert read == getattr(read_settings(**{name: example}), name)


@pytest.mark.parametrize("name", FIELDS)
def test_no_example_is_needed_to_start(name: str) -> None:
    """Every setting has a default."""
    assert not Settings.model_fields[name].is_required()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", "0"),
        ("port", "65536"),
        ("port", "http"),
        ("shards", "0"),
        ("shards", "65"),
        ("sweep_seconds", "0"),
        ("sweep_seconds", "-1"),
        ("sweep_seconds", "nan"),
        ("max_event_bytes", "0"),
        ("max_event_bytes", "32MB"),
        ("threads", "0"),
        ("log_level", "loud"),
        ("log_level", ""),
        ("log_format", "xml"),
    ],
)
def test_a_bad_value_names_its_variable(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever set it reads which one it is."""
    monkeypatch.setenv(f"{PREFIX}{name.upper()}", value)

    with pytest.raises(InvalidSetting, match=f"^{PREFIX}{name.upper()}: "):
        read_settings()


def test_all_bad_values_are_named_at_once() -> None:
    """Nobody starts twice to find two mistakes."""
    with pytest.raises(InvalidSetting) as refusal:
        read_settings(port=0, threads=0)

    assert ["HEADWATER_PORT", "HEADWATER_THREADS"] == re.findall(r"HEADWATER_\w+", str(refusal.value))


@pytest.mark.parametrize("value", ["DEBUG", "Info", "warning", "ERROR"])
def test_log_levels_in_any_case(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As other tools take them."""
    monkeypatch.setenv("HEADWATER_LOG_LEVEL", value)

    assert value == read_settings().log_level


def test_secrets_are_not_shown() -> None:
    """Neither printed, nor formatted, nor dumped."""
    settings = read_settings(api_token=SECRET, store_password=SECRET)

    assert SECRET not in f"{settings} {settings!r} {settings.model_dump()} {settings.model_dump_json()}"
    assert (SECRET, SECRET) == tuple(
        s.get_secret_value() for s in (settings.api_token, settings.store_password) if s is not None
    )


def test_settings_stand_still() -> None:
    """They are read once; nobody changes them afterwards."""
    settings = read_settings()

    with pytest.raises(ValidationError):
        settings.port = 1  # type: ignore[misc]


def test_a_store_is_needed_where_one_is_used() -> None:
    """The refusal says how to name one, and how to do without."""
    with pytest.raises(InvalidSetting, match=r"HEADWATER_STORE_URL is not set.*headwater up"):
        read_settings().needs_store()
    read_settings(store_url="bolt://127.0.0.1:7687").needs_store()


def test_an_empty_token_is_no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    """`HEADWATER_API_TOKEN=` must not open an API without a token to the network."""
    monkeypatch.setenv("HEADWATER_API_TOKEN", "")

    assert read_settings().api_token is None


def test_the_api_listens_on_loopback_unless_told() -> None:
    """Nobody else reaches a catalog that was just started."""
    settings = read_settings()

    assert ("127.0.0.1", None, Path("~/.local/share/headwater")) == (settings.host, settings.api_token, settings.data)
