"""Every setting, read once from `HEADWATER_…` variables; `docs/settings.md` is generated from this class."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from catalog.errors import InvalidSetting

PREFIX = "HEADWATER_"


class Settings(BaseSettings):
    """What can be configured, each with its meaning and an example."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore", frozen=True)

    data: Path = Field(
        Path("~/.local/share/headwater"),
        description="Where `headwater up` keeps its store, broker and logs.",
        examples=["/var/lib/headwater"],
    )
    store_url: str = Field(
        "",
        description="Bolt address of the graph store. `headwater up` sets it for its own parts.",
        examples=["bolt://127.0.0.1:7687"],
    )
    store_user: str = Field("neo4j", description="User of the graph store.", examples=["neo4j"])
    store_password: SecretStr = Field(SecretStr(""), description="Password of that user.", examples=["change-me"])
    store_database: str = Field("neo4j", description="Database inside the store.", examples=["neo4j"])
    store_http_url: str = Field(
        "",
        description="HTTP address of an ArcadeDB store, for its full-text indexes; empty for Neo4j.",
        examples=["http://127.0.0.1:2480"],
    )
    store_dir: Path | None = Field(
        None,
        description="Directory of a store on this machine whose free space is watched: without room, events are "
        "answered 503 with the reason. `headwater up` sets it for its own parts.",
        examples=["/var/lib/headwater"],
    )
    broker_url: str = Field(
        "filesystem://",
        repr=False,
        description="Celery broker. Only wake-ups travel there: the inbox is in the store, so no broker loses events.",
        examples=["amqp://user:password@rabbitmq:5672//"],
    )
    broker_dir: Path | None = Field(
        None,
        description="Folder of the `filesystem://` broker, shared by API and workers of one machine; "
        "empty for `broker` below HEADWATER_DATA.",
        examples=["/var/lib/headwater/broker"],
    )
    api_token: SecretStr | None = Field(
        None,
        description="Bearer token every request must carry; OpenLineage clients send it as their API key. "
        "Needed to listen anywhere but on loopback.",
        examples=["a-long-random-string"],
    )
    host: str = Field("127.0.0.1", description="Address the API listens on.", examples=["0.0.0.0"])
    port: int = Field(5000, ge=1, le=65535, description="Port the API listens on.", examples=[5000])
    url: str = Field(
        "http://127.0.0.1:5000",
        description="Address of the service for the command line's questions.",
        examples=["https://headwater.example.org"],
    )
    shards: int = Field(
        1,
        ge=1,
        le=64,
        description="Into how many shards events are split for applying. One on the embedded store, up to the number "
        "of workers on Neo4j; the same for API and workers.",
        examples=[4],
    )
    sweep_seconds: float = Field(
        2.0, gt=0, description="How often workers look for entries whose wake-up was lost.", examples=[2.0]
    )
    work: str = Field(
        "inbox,checks",
        pattern="^(inbox|checks|inbox,checks)$",
        description="What a worker does: `inbox` applies entries, `checks` evaluates policies and makes reports. "
        "`headwater worker --only` sets it.",
        examples=["checks"],
    )
    packs: str = Field(
        "hygiene",
        pattern=r"^[\w\-]+( *, *[\w\-]+)*$",
        description="Packs of policies that the catalog is judged by, separated by commas, or `all`; the policies that "
        "people declare are always among them. `headwater policy list` shows the packs.",
        examples=["hygiene,quality,gdpr"],
    )
    evaluate_every: float = Field(
        3600.0,
        gt=0,
        description="Seconds between two evaluations of everything: policies about time need them, since nothing has "
        "to happen for data to grow old.",
        examples=[3600.0],
    )
    evaluate_after: float = Field(
        2.0,
        ge=0,
        description="Seconds from when an entry is applied until what it touched is judged, so that what comes "
        "together is judged together.",
        examples=[2.0],
    )
    check_memory: int = Field(
        8_000_000_000,
        ge=0,
        description="Bytes of address space that a worker which only evaluates policies and makes reports may have: "
        "what needs more fails in words instead of taking the machine's memory. A worker that applies entries, too, "
        "has no such limit. 0: none at all.",
        examples=[8000000000],
    )
    order_seconds: float = Field(
        3600.0,
        gt=0,
        description="Seconds that one ordered evaluation or report may take; one that takes longer is ended, and says "
        "so.",
        examples=[600.0],
    )
    max_event_bytes: int = Field(
        32_000_000, gt=0, description="Largest request body, in bytes after decompression.", examples=[32000000]
    )
    infer_sql: bool = Field(
        True,
        description="Whether column lineage is read out of a job's SQL (facet `sql`) where its producer gives none for "
        "an output. Such edges have the origin INFERRED and never touch what was observed or declared. The same for "
        "all workers: entries applied under another setting keep what they have, and a rebuild under another "
        "setting gives another graph and another hash.",
        examples=[True],
    )
    silence_hours: float = Field(
        24.0,
        gt=0,
        description="After how many hours without an event a run that should go on is shown as silent; jobs that say "
        "they are STREAMING or SERVICE never are.",
        examples=[24.0],
    )
    show_environment: bool = Field(
        False,
        description="Whether the values of environment variables that runs send may be read; their names always may, "
        "and what looks like a secret is never stored.",
        examples=[False],
    )
    seal_key: Path | None = Field(
        None,
        description="File of the private key (Ed25519, PEM, mode 0600) that seals reports; workers that make reports "
        "need it. `headwater report key --new FILE` makes one, `headwater up` does so by itself. Another key may take "
        "its place at any time: what the old one sealed is still verified with the old public key, which is kept.",
        examples=["/etc/headwater/seal-key.pem"],
    )
    stale_days: float = Field(
        30.0,
        gt=0,
        description="After so many days without an event that says it again an edge is shown as stale; it still holds.",
        examples=[7.0],
    )
    threads: int = Field(16, ge=1, le=256, description="Store calls one API process makes at once.", examples=[16])
    prune_every: float = Field(
        0.0,
        ge=0,
        description="Seconds between two prunes by a worker that does `checks`, by the ages below; a class without one "
        "is kept for ever. 0: nothing goes but by `headwater prune`. Look at what would go first: `headwater prune` "
        "without `--yes` shows it.",
        examples=[86400.0],
    )
    prune_max_share: float = Field(
        0.5,
        ge=0,
        le=1,
        description="A prune on schedule that would take more than this part of a class is refused: it takes nothing, "
        "and `headwater doctor` says why. The first one over an old catalog may need `headwater prune --max-share`.",
        examples=[0.2],
    )
    keep_history_days: int | None = Field(
        None,
        ge=1,
        description="For how many days a prune keeps the history: questions as of an earlier time are "
        "answered BEYOND_RETENTION, and events from before are rejected. Empty: for ever.",
        examples=[730],
    )
    keep_runs_days: int | None = Field(
        None, ge=1, description="For how many days it keeps runs that ended. Empty: for ever.", examples=[365]
    )
    keep_series_days: int | None = Field(
        None,
        ge=1,
        description="For how many days it keeps statistics and check results. Empty: for ever.",
        examples=[365],
    )
    keep_payloads_days: int | None = Field(
        None,
        ge=1,
        description="For how many days it keeps events as they were received. Empty: for ever.",
        examples=[90],
    )
    keep_evaluations_days: int | None = Field(
        None,
        ge=1,
        description="For how many days it keeps orders that ended, with what came of them, and evaluations; findings "
        "with their history and sealed reports stay. Empty: for ever.",
        examples=[90],
    )
    kafka_servers: str = Field(
        "",
        description="Brokers that `headwater kafka` begins with, separated by commas.",
        examples=["kafka-1:9092,kafka-2:9092"],
    )
    kafka_topics: str = Field(
        "openlineage.events",
        description="Topics it reads, separated by commas; `^` begins a regular expression.",
        examples=["openlineage.events,openlineage.spark"],
    )
    kafka_group: str = Field(
        "headwater", description="Its consumer group, which remembers how far it is.", examples=["headwater"]
    )
    kafka_instance: str = Field(
        "",
        description="A name of one `headwater kafka` in its group, such as its pod's: it keeps its partitions over a "
        "restart. Empty for none.",
        examples=["headwater-kafka-0"],
    )
    kafka_on_bad: str = Field(
        "dead-letter",
        pattern="^(dead-letter|skip|stop)$",
        description="What becomes of a message that can never be accepted (no JSON, no event): `dead-letter` sends it "
        "to HEADWATER_KAFKA_REFUSED with the reason, `skip` logs and counts it, `stop` ends the process before it.",
        examples=["dead-letter"],
    )
    kafka_refused: str = Field(
        "{topic}.refused",
        pattern=r"^[\w.\-]*(\{topic\})?[\w.\-]*$",
        description="Topic for messages that are refused; `{topic}` stands for the one they came from.",
        examples=["{topic}.refused"],
    )
    kafka_options: SecretStr = Field(
        SecretStr("{}"),
        description="Further properties of librdkafka as a JSON object: those of TLS and SASL, or "
        '`{"auto.offset.reset": "latest"}`.',
        examples=['{"security.protocol": "SSL"}'],
    )
    log_level: str = Field(
        "info",
        pattern="(?i)^(debug|info|warning|error)$",
        description="Least severity that is logged: debug, info, warning or error.",
        examples=["info"],
    )
    log_format: str = Field(
        "console",
        pattern="^(console|json)$",
        description="`console` for people, `json` (one object per line) for machines.",
        examples=["json"],
    )

    @property
    def pack_names(self) -> tuple[str, ...]:
        """The packs that the catalog is judged by."""
        return tuple(name.strip() for name in self.packs.split(","))

    @property
    def applies(self) -> bool:
        """Whether this worker applies entries."""
        return "inbox" in self.work

    @property
    def checks(self) -> bool:
        """Whether this worker evaluates policies and makes reports."""
        return "checks" in self.work

    @property
    def broker_folder(self) -> Path:
        """Where the file-system broker keeps its messages."""
        return self.broker_dir or self.data.expanduser() / "broker"

    @field_validator("api_token")
    @classmethod
    def _no_empty_token(cls, token: SecretStr | None) -> SecretStr | None:
        """An empty variable is no token: it must not open the door to other hosts."""
        return token if token and token.get_secret_value().strip() else None

    @field_validator("kafka_options")
    @classmethod
    def _texts_by_name(cls, options: SecretStr) -> SecretStr:
        try:
            read = json.loads(options.get_secret_value())
        except ValueError:
            read = None
        if not isinstance(read, dict) or not all(isinstance(value, str | int | bool) for value in read.values()):
            raise ValueError('it must be a JSON object of texts, such as {"security.protocol": "SSL"}')
        return options

    def needs_kafka(self) -> None:
        """Check that brokers and topics are configured.

        Raises:
            InvalidSetting: they are not.
        """
        if not self.kafka_servers.strip():
            raise InvalidSetting("HEADWATER_KAFKA_SERVERS is not set; name a broker, such as kafka:9092, or --servers")
        if not self.topic_names:
            raise InvalidSetting("HEADWATER_KAFKA_TOPICS names no topic; name one, or --topic")

    @property
    def topic_names(self) -> list[str]:
        """The topics to read."""
        return [name.strip() for name in self.kafka_topics.split(",") if name.strip()]

    def needs_store(self) -> None:
        """Check that a store is configured.

        Raises:
            InvalidSetting: it is not.
        """
        if not self.store_url:
            raise InvalidSetting(
                "HEADWATER_STORE_URL is not set; point it at Neo4j (bolt://HOST:7687), "
                "or run `headwater up`, which brings its own store"
            )


def read_settings(**given: object) -> Settings:
    """The settings of this process; `given` wins over the environment.

    Raises:
        InvalidSetting: a variable cannot be used; the text names it.
    """
    try:
        return Settings(**{k: v for k, v in given.items() if v is not None})  # type: ignore[arg-type]
    except ValidationError as e:
        faults = [f"{PREFIX}{'_'.join(map(str, err['loc'])).upper()}: {err['msg']}" for err in e.errors()]
        raise InvalidSetting("; ".join(faults)) from e
