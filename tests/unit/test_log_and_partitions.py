"""What holds for one log alone: the embedded one waits for the disk, and a key keeps its partition on any."""

from pathlib import Path

from shared.bus import PARTITIONS, partition_of
from shared.bus.embedded import EmbeddedBus


async def test_the_embedded_log_waits_for_the_disk(tmp_path: Path) -> None:
    bus = await EmbeddedBus.open(tmp_path / "bus.db")
    assert bus._writer.execute("PRAGMA synchronous").fetchone() == (2,)
    assert bus._writer.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    await bus.close()


def test_a_key_keeps_its_partition_for_the_life_of_a_topic() -> None:
    assert [partition_of("43", f"cl_{n}") for n in range(12)] == [7, 1, 3, 5, 6, 0, 2, 4, 5, 3, 7, 1]
    assert {partition_of(f"{c:02}", f"k{n}") for c in range(1, 59) for n in range(20)} == set(
        range(PARTITIONS)
    )
