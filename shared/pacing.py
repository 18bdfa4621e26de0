"""Background loops rest in proportion to their work.

Most of a round's cost does not grow with its rows. A loop that rested for a fixed time would, as load grows, spend all
of the processor on small rounds; one that rests twice as long as it worked leaves two thirds to the others, and finds
more to do at once when it comes back.
"""

LONGEST = 0.04  # seconds
_SHARE = 1.0  # of the time worked


def rest(worked: float) -> float:
    """Seconds to rest after a round that took `worked` seconds."""
    return min(_SHARE * worked, LONGEST)
