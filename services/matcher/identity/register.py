"""The registers of a person: record, seal, void and merge, each with its own highest sequence.

One mark for all would be wrong: a sealing that was parked as a dead letter and retried after a later upsert would
be ignored. These functions say what a register becomes; they read and write nothing.
"""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Register:
    """What the index keeps of a person. `record` is None for one never seen, sealed, or not republished since."""

    program: str
    ref: str
    record_seq: int = 0
    record: bytes | None = None
    record_id: str | None = None
    sensitivity: str = "N"
    sealed_seq: int = 0
    sealed: bool = False
    void_seq: int = 0
    merged_seq: int = 0
    merged_into: str | None = None

    @property
    def counts(self) -> bool:
        """Whether this record itself may be compared: it is there, and neither void nor merged into another."""
        return self.record is not None and not self.void_seq and self.merged_into is None


def upserted(
    register: Register, sequence: int, record: bytes, *, record_id: str | None, sensitivity: str
) -> Register:
    """The register after an upsert: while sealed, or from before an unsealing, it moves the mark alone."""
    if sequence <= register.record_seq:
        return register
    hidden = register.sealed or sequence < register.sealed_seq
    return replace(
        register,
        record_seq=sequence,
        record=None if hidden else record,
        record_id=record_id,
        sensitivity=sensitivity,
    )


def sealed(register: Register, sequence: int, *, is_sealed: bool) -> Register:
    """The register after a sealing or unsealing, also of a person never seen: the tombstone must be there first."""
    if sequence <= register.sealed_seq:
        return register
    erase = is_sealed or register.record_seq < sequence
    return replace(register, sealed_seq=sequence, sealed=is_sealed, record=None if erase else register.record)


def voided(register: Register, sequence: int) -> Register:
    """The register of a record that was entered in error. There is no way back: a right record is a new one."""
    return register if sequence <= register.void_seq else replace(register, void_seq=sequence)


def merged(register: Register, sequence: int, into: str) -> Register:
    """The register of a record that is another one of the same person."""
    if sequence <= register.merged_seq:
        return register
    return replace(register, merged_seq=sequence, merged_into=into)
