"""Calls: one key for each POST, kept when it is said again; answers that are no success are told, not hidden."""

import httpx
import pytest

from services.demo.client import CallRefused, Client, Unanswered

ADDRESSES = {name: f"http://here/{name}" for name in ("cws", "calworks", "matcher")}
Answer = httpx.Response | type[httpx.TransportError]


class Script:
    """Answers in order; remembers every request and every wait."""

    def __init__(self, *answers: Answer) -> None:
        self.answers, self.requests, self.waits = list(answers), list[httpx.Request](), list[float]()

    def handle(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, httpx.Response):
            return answer
        raise answer("gone")

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)

    def client(self, patience: float = 60.0) -> Client:
        transport = httpx.MockTransport(self.handle)
        tokens = {"w1": "token-of-w1"}
        return Client(ADDRESSES, tokens, patience=patience, sleep=self.sleep, transport=transport)


def answer(status: int, body: object = None) -> httpx.Response:
    return httpx.Response(status, json={"ref": "rf_1"} if body is None else body)


@pytest.mark.parametrize(
    "failure", [httpx.ConnectError, httpx.ReadError, httpx.RemoteProtocolError, httpx.ReadTimeout]
)
async def test_an_unanswered_call_is_said_again_with_the_same_key_and_bytes(
    failure: type[httpx.TransportError],
) -> None:
    script = Script(failure, failure, answer(503), answer(201))
    async with script.client() as client:
        told = await client.post("cws", "/v1/referrals", "w1", {"response": "3_day"})
    assert told == {"ref": "rf_1"}
    assert len(script.requests) == 4
    assert len({request.headers["Idempotency-Key"] for request in script.requests}) == 1
    assert len({request.content for request in script.requests}) == 1
    assert script.waits == [0.05, 0.1, 0.2]


async def test_two_calls_have_two_keys_and_the_workers_token() -> None:
    script = Script(answer(201))
    async with script.client() as client:
        await client.post("cws", "/v1/referrals", "w1", {})
        await client.post("cws", "/v1/referrals", "w1", {})
    first, second = script.requests
    assert first.headers["Idempotency-Key"] != second.headers["Idempotency-Key"]
    assert first.headers["Authorization"] == "Bearer token-of-w1"
    assert str(first.url) == "http://here/cws/v1/referrals"


async def test_a_release_waits_until_the_matcher_knows_the_person() -> None:
    script = Script(answer(404), answer(404), answer(201))
    async with script.client() as client:
        await client.post("matcher", "/v1/releases", "w1", {}, settles=True)
    assert len({request.headers["Idempotency-Key"] for request in script.requests}) == 1
    assert len(script.requests) == 3


@pytest.mark.parametrize("status", [401, 404, 409, 422, 500])
async def test_a_refusal_is_told_with_its_problem_and_never_repeated(status: int) -> None:
    problem = {"title": "No", "errors": [{"pointer": "/child", "message": "is not known here"}]}
    script = Script(answer(status, problem))
    async with script.client() as client:
        with pytest.raises(
            CallRefused, match=f"/cws/v1/clients/{{id}}/removals answered {status}: No; /child"
        ):
            await client.post("cws", "/v1/clients/cl_abc/removals", "w1", {})
    assert len(script.requests) == 1


async def test_an_answer_that_is_no_problem_json_is_told_all_the_same() -> None:
    script = Script(httpx.Response(500, text="oh"))
    async with script.client() as client:
        with pytest.raises(CallRefused, match="no problem"):
            await client.get("matcher", "/v1/alerts", "w1", {"inbox": "own"})


async def test_patience_ends() -> None:
    script = Script(httpx.ConnectError)
    async with script.client(patience=0.04) as client:
        with pytest.raises(Unanswered, match="ConnectError"):
            await client.get("matcher", "/v1/alerts", "w1")


async def test_waits_grow_to_a_second_and_no_further() -> None:
    failures: list[Answer] = [httpx.ConnectError] * 8
    script = Script(*failures, answer(200))
    async with script.client() as client:
        await client.get("cws", "/v1/referrals", "w1")
    assert script.waits == [0.05, 0.1, 0.2, 0.4, 0.8, 1.0, 1.0, 1.0]
