"""Entity tags: a resource's version, so that nobody overwrites what they have not seen (RFC 9110)."""

from shared.errors import BadRequest, PreconditionFailed, PreconditionRequired


def etag(version: int) -> str:
    """The entity tag of a version."""
    return f'"{version}"'


def require_match(if_match: str | None, version: int) -> None:
    """Raise unless If-Match names the present version (or `*`)."""
    if if_match is None:
        raise PreconditionRequired("Send If-Match with the ETag that you read")
    tags = {tag.strip() for tag in if_match.split(",")}
    if not all(tag == "*" or (len(tag) > 2 and tag[0] == tag[-1] == '"') for tag in tags):
        raise BadRequest("If-Match must be an ETag in double quotes")
    if "*" not in tags and etag(version) not in tags:
        raise PreconditionFailed("Read the object again and repeat your change on what it is now")
