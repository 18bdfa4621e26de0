"""Live streams: the lines of server-sent events, first arrivals, and resuming where a stream broke off."""

import asyncio
from collections.abc import AsyncIterator

import httpx

from services.demo.steps import Inbox
from services.demo.streams import Arrival, Message, Parser, Streams, alert_in

MINE = Inbox("cws", "w1")
LIAISON = Inbox("calworks", "liaison")


def parsed(text: str) -> list[Message]:
    parser = Parser()
    found = [parser.feed(line) for line in text.split("\n")]
    return [message for message in found if message is not None]


async def arrived(streams: Streams, number: int) -> None:
    async with asyncio.timeout(5):
        while len(streams.first) < number:  # noqa: ASYNC110 - a count, no event
            await asyncio.sleep(0.01)


def test_a_message_ends_with_an_empty_line() -> None:
    assert parsed("id: 7\ndata: {}\n\n") == [Message("7", "message", "{}")]
    assert parsed("id: 7\ndata: {}\n") == [Message("7", "message", "{}")]
    assert parsed("id: 7\ndata: {}") == []


def test_data_lines_are_joined_and_one_space_is_dropped() -> None:
    assert parsed("event: alert\ndata:one\ndata:  two\n\n") == [Message("0", "alert", "one\n two")]


def test_comments_unknown_fields_and_empty_messages_are_passed_over() -> None:
    assert parsed(": still here\n\nretry: 100\nother: x\n\nid: 3\n\ndata: a\n\n") == [
        Message("3", "message", "a")
    ]


def test_an_id_stays_until_another_comes() -> None:
    assert [m.id for m in parsed("id: 1\ndata: a\n\ndata: b\n\nid: 2\ndata: c\n\n")] == ["1", "1", "2"]


def test_an_alert_is_found_in_a_message_and_nothing_in_a_sign_of_life() -> None:
    assert alert_in(Message("1", "message", '{"seq": 1, "alert_id": "x", "kind": "created"}')) == "x"
    assert alert_in(Message("1", "message", "{}")) is None
    assert alert_in(Message("1", "message", "[]")) is None
    assert alert_in(Message("1", "message", "ping")) is None


class _Broken(httpx.AsyncByteStream):
    """Bytes, and then the connection is gone, or held open."""

    def __init__(self, *parts: str, hold: bool) -> None:
        self._parts, self._hold = parts, hold

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in self._parts:
            yield part.encode()
        if self._hold:
            await asyncio.sleep(60)
        raise httpx.ReadError("gone")


def _message(seq: int, alert: str) -> str:
    return f'id: {seq}\ndata: {{"seq": {seq}, "alert_id": "{alert}", "kind": "created"}}\n\n'


async def test_a_stream_that_breaks_off_is_resumed_after_its_last_id() -> None:
    asked: list[tuple[str, str]] = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append((request.url.params["inbox"], request.headers["Last-Event-ID"]))
        match len(asked):
            case 1:
                stream = _Broken(_message(1, "a"), _message(2, "b"), "id: 3\nda", hold=False)
            case 2:
                return httpx.Response(503)
            case _:
                stream = _Broken(_message(2, "b"), _message(3, "c"), hold=True)
        return httpx.Response(200, stream=stream)

    arrivals: list[Arrival] = []
    transport = httpx.MockTransport(handle)
    async with Streams(
        "http://here/matcher", {MINE: "t"}, on_arrival=arrivals.append, transport=transport
    ) as streams:
        assert await streams.all_open(5)
        await arrived(streams, 3)
    assert asked == [("own", "0"), ("own", "2"), ("own", "2")]
    assert [arrival.alert for arrival in arrivals] == ["a", "b", "c"]
    assert streams.last_arrival == streams.first[MINE, "c"]


async def test_each_inbox_has_its_own_reader_and_the_liaisons_inbox_its_own_name() -> None:
    asked: dict[str, str] = {}

    def handle(request: httpx.Request) -> httpx.Response:
        asked[request.url.params["inbox"]] = request.headers["Authorization"]
        return httpx.Response(200, stream=_Broken(_message(1, "a"), hold=True))

    transport = httpx.MockTransport(handle)
    async with Streams("http://here/matcher", {MINE: "one", LIAISON: "two"}, transport=transport) as streams:
        assert await streams.all_open(5)
        await arrived(streams, 2)
    assert asked == {"own": "Bearer one", "liaison": "Bearer two"}
    assert set(streams.first) == {(MINE, "a"), (LIAISON, "a")}


async def test_a_stream_that_never_opens_is_noticed() -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(503))
    async with Streams("http://here/matcher", {MINE: "t"}, transport=transport) as streams:
        assert not await streams.all_open(0.05)
