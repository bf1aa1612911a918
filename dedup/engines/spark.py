"""The protocol of engines on the DataFrame API of Spark, kept to what Spark Connect also has.

So the same code runs on a Spark cluster, on Spark Connect, and on Sail, which speaks Spark Connect and has no JVM.
"""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies

from dedup.engines.protocol import Schema, Work
from dedup.errors import EngineError

__all__ = ["Spark", "session"]

SPARK_PORT, HEARD_S = 15_002, 30.0


class Spark:
    """Rows are data frames of `session`; what is kept goes to Parquet files in `folder`, a path of the engine's own."""

    def __init__(self, session: Any, folder: str, n_parts: int = 8) -> None:
        self._session, self._folder, self._n_parts = session, folder, n_parts

    def numbers(self, n: int) -> Any:
        """A partition each."""
        from pyspark.sql.functions import col

        return self._session.range(0, n, 1, n).select(col("id").alias("number"))

    def rows(self, table: Any) -> Any:
        """A data frame of its own."""
        return self._session.createDataFrame(table)

    def map(self, rows: Any, work: Work, schema: Schema) -> Any:
        """Partition by partition."""
        return rows.mapInArrow(work, ", ".join(f"{name} {kind}" for name, kind in schema.items()))

    def group(self, rows: Any, work: Work, schema: Schema) -> Any:
        """Partition by partition, after those with equal keys have come together."""
        return self.map(rows.repartition(self._n_parts, "key"), work, schema)

    def keep(self, rows: Any, name: str) -> Any:
        """Parquet files: a local checkpoint would be lost with the worker that holds it."""
        path = f"{self._folder}/{name}"
        rows.write.mode("overwrite").parquet(path)
        return self._session.read.parquet(path)

    def collect(self, rows: Any) -> Any:
        """All rows here."""
        return rows.toArrow()


@contextmanager
def session(name: str) -> Iterator[Any]:
    """A session of `sail`, started in this process, of `spark` as it is configured here, or of an address, `sc://HOST`.

    EngineError where the packages are not installed or the engine cannot be reached.
    """
    extra = "sail" if name == "sail" else "spark"
    for package in ("pysail", "pyspark") if name == "sail" else ("pyspark",):
        if find_spec(package) is None:
            raise EngineError(f"the engine {name} needs {package}: pip install 'dedup[{extra}]'")
    if name.startswith("sc://") and not getproxies():
        _check_heard(name)
    with _started(name) as found:
        yield found


def _check_heard(name: str) -> None:
    """EngineError where nobody listens at an address: Spark Connect would ask again and again, for ten minutes."""
    try:
        address = urlsplit(name)
        socket.create_connection((address.hostname or "", address.port or SPARK_PORT), HEARD_S).close()
    except (OSError, ValueError) as error:
        raise EngineError(f"cannot reach the engine {_shown(name)}: {error}") from None


def _shown(name: str) -> str:
    """An address without what stands behind it, such as a token."""
    return name.partition(";")[0]


@contextmanager
def _started(name: str) -> Iterator[Any]:
    from pyspark.sql import SparkSession

    if name != "sail":
        builder = SparkSession.builder.appName("dedup")
        found = (builder.remote(name) if name.startswith("sc://") else builder).getOrCreate()
        try:
            yield found
        finally:
            found.stop()
        return
    from pysail.spark import SparkConnectServer

    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    client: SparkSession | None = None
    try:
        client = SparkSession.builder.remote(f"sc://127.0.0.1:{server.listening_address[1]}").create()
        yield client
    finally:
        if client is not None:
            client.stop()
        server.stop()
