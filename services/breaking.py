"""What a change of the contracts takes from those who rely on them: a comparison of two sets of documents.

What is sent to us (bodies, parameters) may ask for nothing new; what we send (answers, events) must keep what it had.
Either may add. Each finding names the place and what is gone.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Document = Mapping[str, Any]
Side = Literal["sent to us", "sent by us"]

_METHODS = ("get", "put", "post", "delete", "patch", "head", "options", "trace")
_LOWER = ("maxLength", "maxItems", "maximum", "exclusiveMaximum", "maxProperties")  # narrower when smaller
_HIGHER = ("minLength", "minItems", "minimum", "exclusiveMinimum", "minProperties")  # narrower when larger


def breaking(old: Mapping[str, Document], new: Mapping[str, Document]) -> list[str]:
    """What breaks, by the path of each document; empty when nothing does."""
    found = [f"{path} is gone" for path in sorted(old.keys() - new.keys())]
    for path in sorted(old.keys() & new.keys()):
        before, after = old[path], new[path]
        if "openapi" in before:
            lines = _openapi(before, after)
        elif "asyncapi" in before:
            lines = _asyncapi(before, after)
        else:
            lines = _Comparison("sent by us", before, after).schemas(before, after, "")
        found += [f"{path}: {line}" for line in lines]
    return found


def _asyncapi(old: Document, new: Document) -> Iterator[str]:
    for name, channel in old.get("channels", {}).items():
        now = new.get("channels", {}).get(name)
        if now is None or now.get("address") != channel.get("address"):
            yield f"channel {name} is gone or has another address"
            continue
        for message in sorted(channel.get("messages", {}).keys() - now.get("messages", {}).keys()):
            yield f"channel {name} has no {message} any more"


def _openapi(old: Document, new: Document) -> Iterator[str]:
    for path, methods in old.get("paths", {}).items():
        for method in _METHODS:
            if method not in methods:
                continue
            place = f"{method.upper()} {path}"
            now = new.get("paths", {}).get(path, {}).get(method)
            if now is None:
                yield f"{place} is gone"
                continue
            yield from _parameters(old, new, methods[method], now, place)
            yield from _body(old, new, methods[method], now, place)
            yield from _answers(old, new, methods[method], now, place)


def _parameters(old: Document, new: Document, was: Document, now: Document, place: str) -> Iterator[str]:
    before = {(one["in"], one["name"]): one for one in was.get("parameters", ())}
    after = {(one["in"], one["name"]): one for one in now.get("parameters", ())}
    comparison = _Comparison("sent to us", old, new)
    for key, one in after.items():
        at = f"{place} {key[0]} {key[1]}"
        if one.get("required") and not before.get(key, {}).get("required"):
            yield f"{at} is required now"
        if key in before:
            yield from comparison.schemas(before[key].get("schema", {}), one.get("schema", {}), at)
    yield from (f"{place} {where} {name} is gone" for where, name in before.keys() - after.keys())


def _body(old: Document, new: Document, was: Document, now: Document, place: str) -> Iterator[str]:
    before, after = was.get("requestBody", {}), now.get("requestBody", {})
    if after.get("required") and not before.get("required"):
        yield f"{place} body is required now"
    yield from _contents(_Comparison("sent to us", old, new), before, after, f"{place} body")


def _answers(old: Document, new: Document, was: Document, now: Document, place: str) -> Iterator[str]:
    comparison = _Comparison("sent by us", old, new)
    for status, before in was.get("responses", {}).items():
        after = now.get("responses", {}).get(status)
        if after is None:
            yield f"{place} answers {status} no more"
        else:
            yield from _contents(comparison, before, after, f"{place} {status}")


def _contents(comparison: "_Comparison", was: Document, now: Document, place: str) -> Iterator[str]:
    for kind, before in was.get("content", {}).items():
        after = now.get("content", {}).get(kind)
        if after is None:
            yield f"{place} is no more in {kind}"
        else:
            yield from comparison.schemas(before.get("schema", {}), after.get("schema", {}), place)


@dataclass
class _Comparison:
    """Two documents whose schemas are compared on one side; a pair of schemas that refer to each other once."""

    side: Side
    old: Document
    new: Document
    _met: set[tuple[str, str]] = field(default_factory=set)

    def schemas(self, was: Any, now: Any, place: str) -> Iterator[str]:
        """What the new schema takes away."""
        pair = (_name(was), _name(now))
        if all(pair):
            if pair in self._met:
                return
            self._met.add(pair)
        before, after = _variants(was, self.old), _variants(now, self.new)
        yield from self._narrowed(before, after, place)
        for old, new in _paired(before, after):
            if "properties" in old:
                yield from self._properties(old, new, place)
            for part in ("items", "additionalProperties", "contentSchema"):
                if isinstance(old.get(part), Mapping) and isinstance(new.get(part), Mapping):
                    yield from self.schemas(old[part], new[part], f"{place}/*")
            if self.side == "sent to us":
                yield from _tighter(old, new, place)

    def _properties(self, old: Document, new: Document, place: str) -> Iterator[str]:
        before, after = old["properties"], new.get("properties", {})
        required, now_required = set(old.get("required", ())), set(new.get("required", ()))
        for name in sorted(before.keys() | after.keys()):
            at = f"{place}/{name}"
            if name not in after:
                yield f"{at} is gone"
                continue
            if self.side == "sent to us" and name in now_required - required:
                yield f"{at} is required now"
            if self.side == "sent by us" and name in required - now_required:
                yield f"{at} may be missing now"
            if name in before:
                yield from self.schemas(before[name], after[name], at)

    @staticmethod
    def _narrowed(before: list[Document], after: list[Document], place: str) -> Iterator[str]:
        was, now = _gathered(before, _types), _gathered(after, _types)
        if now is not None:
            if was is None:
                yield f"{place} is no more of any type"
            else:
                lost = was - now - ({"integer"} if "number" in now else set())
                yield from (f"{place} is no more of type {one}" for one in sorted(lost))
        was, now = _gathered(before, _values), _gathered(after, _values)
        if now is not None:
            if was is None:
                yield f"{place} has a list of values now"
            else:
                yield from (f"{place} has no value {one} any more" for one in sorted(was - now))


def _name(schema: Any) -> str:
    return str(schema.get("$ref", "")) if isinstance(schema, Mapping) else ""


def _variants(schema: Any, document: Document) -> list[Document]:
    """What a schema may be, references followed: one, or each of its alternatives."""
    if not isinstance(schema, Mapping):
        return [{}]
    if "$ref" in schema:
        found: Any = document
        for part in schema["$ref"].removeprefix("#/").split("/"):
            found = found.get(part, {})
        return _variants(found, document)
    for word in ("anyOf", "oneOf"):
        if word in schema:
            return [one for part in schema[word] for one in _variants(part, document)]
    if len(schema.get("allOf", ())) == 1:
        return _variants(schema["allOf"][0], document)
    return [schema]


def _types(schema: Document) -> set[str] | None:
    if "type" in schema:
        named = schema["type"]
        return {named} if isinstance(named, str) else set(named)
    values = schema.get("enum", [schema["const"]] if "const" in schema else None)
    names = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}
    return None if values is None else {names[type(one)] for one in values}


def _values(schema: Document) -> set[str] | None:
    """The values that a schema lists, as text; null is a type and not one of them."""
    if "enum" in schema:
        return {str(one) for one in schema["enum"] if one is not None}
    if "const" in schema:
        return {str(schema["const"])}
    return set() if schema.get("type") == "null" else None


def _gathered(variants: list[Document], look: Callable[[Document], set[str] | None]) -> set[str] | None:
    """What the alternatives hold together; None as soon as one is not limited."""
    found: set[str] = set()
    for one in variants:
        held = look(one)
        if held is None:
            return None
        found |= held
    return found


def _paired(before: list[Document], after: list[Document]) -> Iterator[tuple[Document, Document]]:
    """Alternatives that stand for each other: of one title, else of one type, else in one place."""
    for kind in ("object", "array", "string", "integer", "number"):
        was = [one for one in before if _types(one) == {kind}]
        now = [one for one in after if _types(one) == {kind}]
        titles = {one["title"]: one for one in now if "title" in one}
        if len(was) == 1 and len(now) == 1:
            yield was[0], now[0]
        else:
            yield from ((one, titles.get(one.get("title", ""), {})) for one in was if now)


def _tighter(old: Document, new: Document, place: str) -> Iterator[str]:
    lower = [word for word in _LOWER if word in new and (word not in old or new[word] < old[word])]
    higher = [word for word in _HIGHER if word in new and (word not in old or new[word] > old[word])]
    yield from (f"{place} has a narrower {word}" for word in (*lower, *higher))
    if "pattern" in new and new["pattern"] != old.get("pattern"):
        yield f"{place} has another pattern"
