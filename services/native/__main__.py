"""`python -m services.native`: bring what test runs and `linkages up --native` need, and say so."""

import sys

from services.native import installing, kafka, postgres
from shared.errors import Unavailable


def main() -> int:
    """Bring all of it; the exit status."""
    try:
        installing.java()
        kafka.libraries()
        postgres.binaries("15")
        postgres.binaries("newest")
    except Unavailable as missing:
        sys.stderr.write(f"linkages: {missing.detail}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
