"""The languages in which the integrated release is printed; another is one more table."""

from collections.abc import Mapping

from services.matcher.disclosure.accounting_words import Language
from services.matcher.disclosure.release_english import ENGLISH
from services.matcher.disclosure.release_spanish import SPANISH
from services.matcher.disclosure.release_words import ReleaseWords

RELEASE_LANGUAGES: Mapping[Language, ReleaseWords] = {"en": ENGLISH, "es": SPANISH}
