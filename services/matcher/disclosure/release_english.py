"""The integrated release in English."""

from services.matcher.disclosure.paper import SafeContact, Statement
from services.matcher.disclosure.release_words import ReleaseWords, Special
from services.matcher.disclosure.request import Category, Purpose
from services.matcher.disclosure.signers import Authority

_WHO_GETS = "Who may get it (names, or the kind of worker)"

ENGLISH = ReleaseWords(
    lang="en",
    language="English",
    title="Permission to share information",
    intro=(
        (
            "Child Welfare Services and CalWORKs are two programs of this county. With this paper you allow them to "
            "share information about you, so that they can plan together with you."
        ),
        "You do not have to sign. You may sign for a part only. Ask about everything that is not clear.",
    ),
    county="County",
    form="Form",
    version="Version",
    whose="1. Whose information is it?",
    whose_hint="Tick each person. Nobody else's information is shared because of this paper.",
    person="Name",
    birth_date="Birth date",
    way="2. Who may share with whom?",
    way_hint="Tick one, or both.",
    from_cws="Child Welfare Services may tell CalWORKs",
    from_calworks="CalWORKs may tell Child Welfare Services",
    receives=(
        "It may go to workers of that program who work with you or your family, to their supervisors, and to the "
        "person who links the two programs."
    ),
    what="3. What may they share?",
    what_hint="Tick each kind that you agree to. A kind that is not ticked is not part of this paper.",
    categories={
        Category.K0: "The name and phone of your worker",
        Category.K1: "Your name and birth date",
        Category.K2: "That the program serves you",
        Category.K3: "Your cash aid and work program status",
        Category.K4: "Your work program plan and schedule",
        Category.K6: "Your child welfare status",
        Category.K7: "Your child welfare plan: services, goals, visits",
        Category.K1S: "The last four characters of your client number",
        Category.K3R: "The reason for your work program status",
        Category.K5: "Your income and what you own",
        Category.K10: "Treatment for drug or alcohol use",
        Category.K11: "Health and mental health",
        Category.K12: "Domestic violence",
        Category.K13: "Services that a minor agreed to alone",
        Category.K14: "HIV",
        Category.K18: "A protected address",
    },
    more="More, only if you want it",
    special="Special kinds",
    special_hint=(
        "The law protects these more. Each has a page of its own at the end. Every family gets the same pages. Use "
        "only those that you want. A page that nobody signs counts for nothing."
    ),
    never="This paper never allows sharing",
    never_list=(
        "who made a report about a family",
        "what a social worker wrote in notes, and court reports",
        "adoption records and sealed records",
        "immigration",
        "tax records, and what other agencies report about your income",
    ),
    purpose="4. What for?",
    purposes={
        Purpose.P2: "To make first contact when a family is new",
        Purpose.P3: "To decide on benefits and give them",
        Purpose.P4: "To plan together with you",
        Purpose.P6: "To avoid or end a sanction",
        Purpose.P7: "To close your case well",
    },
    until="5. Until when?",
    last_day="Last day",
    event="Or when this happens, if it is sooner (such as: my case is closed)",
    event_hint="Tell your worker when it happens. The system does not see it by itself: your worker ends the release.",
    longest="The last day cannot be more than {months} months after the day of signing.",
    by_itself="If no day is written here, it ends {ends} months after the day of signing.",
    rights="6. Your rights",
    statements={
        Statement.RIGHT_TO_REVOKE: (
            "You can take this back at any time, all of it or a part. Tell the program that gave you this paper, "
            "aloud or in writing. As soon as your worker there has entered it, nothing more is shared because of what "
            "you took back. It does not undo what was shared before."
        ),
        Statement.AID_NOT_CONDITIONED: (
            "Your cash aid, your benefits and your services do not depend on signing. Saying no, or taking it back, "
            "does not change them."
        ),
        Statement.REDISCLOSURE: (
            "Who gets the information might pass it on where a law allows or requires it. Then the law that protected "
            "it before might not protect it any more."
        ),
        Statement.COPY: "You have a right to a copy of this paper. Ask for it when you sign, or later.",
    },
    further=(
        (
            "Also without this paper, some information may be shared where a law or a court allows it: for example to "
            "decide on benefits, or to keep somebody safe."
        ),
        "You can ask for a list of what was shared because of this paper.",
    ),
    explained="7. How it was explained",
    spoken="Language in which it was explained",
    understood="I read this paper, or it was read to me, in a language that I understand.",
    interpreter="An interpreter helped",
    no_interpreter="No interpreter was needed",
    interpreter_name="Interpreter's name",
    explained_by="Worker who explained it",
    program="Program",
    explained_on="Explained on",
    signing="8. Signatures",
    signing_hint=(
        "Each adult signs for his or her own information. Nobody signs for another parent, a partner or a caregiver.",
        "Sign only when nothing is left open that you want filled in.",
    ),
    agree="I understand this paper, and I agree to what is ticked in it.",
    adult="Adult",
    child="Child",
    child_hint=(
        "A parent or legal guardian with custody signs for a child. A step-parent or a caregiver cannot. If a court "
        "has limited or ended a parent's rights, use part 9."
    ),
    signs_as="Who signs",
    children={Authority.PARENT: "Parent with custody", Authority.LEGAL_GUARDIAN: "Legal guardian"},
    signature="Signature",
    date="Date",
    other="9. If somebody else signs for a person",
    other_hint="The worker must see the proof, and it is kept on file.",
    signs_for="Signs for",
    own_name="Name of who signs",
    authorities={
        Authority.CONSERVATOR: "Conservator",
        Authority.ATTORNEY_IN_FACT: "Power of attorney",
        Authority.AUTHORIZED_REPRESENTATIVE: "Authorized representative",
        Authority.CHILDS_ATTORNEY: "The child's attorney",
        Authority.COURT: "The court",
        Authority.AUTHORIZED_BY_COURT: "Authorized by the court",
        Authority.SOCIAL_WORKER: "Social worker, where an order or a law says so",
        Authority.PERSONAL_REPRESENTATIVE: "Personal representative of a person who has died",
    },
    authority_until="The authority ends on (if it does)",
    proof="The worker has seen the proof, and a copy is on file.",
    own_page="Special page",
    sections={
        Category.K12: Special(
            heading="Domestic violence",
            says=(
                (
                    "Only the person who lived through it fills this page in and signs it. Nobody can sign for you. "
                    "Do it alone, where it is safe. If it is safer, keep no copy at home."
                ),
                "Without this page, your release does not let the programs share it.",
            ),
            agree="I allow sharing that I lived through domestic violence, and my safety plan.",
            asks=("Your name",),
            one_of=(
                "How can we reach you safely? Tick the way only. Do not write a number or an address here: tell your "
                "worker."
            ),
            signature="Signature of the survivor",
        ),
        Category.K10: Special(
            heading="Treatment for drug or alcohol use",
            says=(
                (
                    "A federal law (42 CFR part 2) protects these records. Say exactly what may be shared. The "
                    "purposes, the last day and the right to take it back are those of the first pages."
                ),
                (
                    "This page cannot be used for a civil, criminal, administrative or legislative proceeding. "
                    "Counseling notes are not part of it: they need a form of their own."
                ),
            ),
            agree="I allow sharing the records of treatment for drug or alcohol use that are described here.",
            asks=("Name of the patient", "Who may share it (treatment program or county program)", _WHO_GETS),
            describe="Exactly what may be shared, and from which time",
            signature="Signature of the patient",
        ),
        Category.K11: Special(
            heading="Health and mental health",
            says=("Psychotherapy notes are not part of it: they need a form of their own.",),
            agree="I allow sharing the health or mental health information that is described here.",
            asks=("Whose information", _WHO_GETS),
            describe="Exactly what may be shared",
            signature="Signature of that person, or of who may sign",
        ),
        Category.K14: Special(
            heading="HIV",
            says=("This page names HIV in so many words, because the law asks for it.",),
            agree="I allow sharing HIV information: tests, results and treatment.",
            asks=("Whose information", _WHO_GETS),
            signature="Signature of that person, or of who may sign",
        ),
        Category.K13: Special(
            heading="Services that a minor agreed to alone",
            says=(
                (
                    "From age 12, a minor can agree alone to some services. Only the minor can allow sharing about "
                    "them. A parent or guardian cannot sign this page."
                ),
            ),
            agree="I allow sharing information about the services that I agreed to alone.",
            asks=("Name of the minor", "Which service", _WHO_GETS),
            signature="Signature of the minor",
        ),
        Category.K18: Special(
            heading="A protected address",
            says=(
                (
                    "This is an address that is kept secret, such as in the Safe at Home program, or the address of a "
                    "caregiver. Do not write the address here."
                ),
            ),
            agree="I allow sharing the protected address.",
            asks=("Whose address", _WHO_GETS),
            signature="Signature of that person, or of who may sign",
        ),
    },
    contacts={
        SafeContact.TELEPHONE: "By phone",
        SafeContact.MAIL: "By mail",
        SafeContact.IN_PERSON: "In person only",
        SafeContact.ADVOCATE: "Through an advocate",
    },
)
