"""Names: cleaning, short forms and variants, a phonetic key, and how two names compare.

The tables are a first set of our own: English and Spanish, and some Vietnamese, Chinese, Hmong and Filipino
forms. They hold short forms and spellings, no frequencies.
"""

import re
import unicodedata
from functools import lru_cache

from rapidfuzz.distance import DamerauLevenshtein, JaroWinkler

# Formal name: what it is also called. Names of two people (Jose, Josue) never stand on one line.
_SHORT_FORMS = """
AALIYAH: ALIYAH | ABIGAIL: ABBY GAIL | ABRAHAM: ABE | ADELAIDA: LALA | AIDEN: AYDEN AIDAN
ALBERT: AL BERT | ALBERTO: BETO TITO | ALEJANDRA: ALE ALEX JANDRA | ALEJANDRO: ALE ALEX JANDRO
ALEXANDER: ALEX ALEC XANDER SASHA | ALEXANDRA: ALEX LEXI SASHA | ALFONSO: PONCHO FONSO
ALFREDO: FREDO FREDDY | ALICIA: LICHA ALISHA | ALONSO: ALONZO | AMANDA: MANDY | ANA: ANNA ANITA ANNIE
ANDREW: ANDY DREW | ANTHONY: TONY ANTONY | ANTONIA: TOÑA TONIA | ANTONIO: TOÑO TONY ANTHONY
ARACELI: ARACELY | ARMANDO: MANDO | ARTHUR: ART ARTIE | ARTURO: TURO ARTHUR | AUGUSTO: GUSTING
AURORA: RORA | BARBARA: BARB BARBIE | BEATRIZ: BETTY BEA TRICHA | BENJAMIN: BEN BENNY BENJI MINCHO
BERNARDO: NARDO | BERTHA: BERTA | BRIAN: BRYAN | BRIANA: BRIANNA BREANNA | CARLA: KARLA
CARLOS: CARLITOS CHARLIE LITO CHARLES | CARMEN: CARMELA MELA CARMELITA | CAROLINA: CARO
CATHERINE: CATHY CATE KATHERINE KATE KATIE | CAYETANO: TANO | CHARLES: CHUCK CHARLIE CHAZ | CHONG: TSHOOJ
CHRISTIAN: CHRIS CRISTIAN | CHRISTINA: CHRIS TINA CHRISTY CRISTINA
CHRISTOPHER: CHRIS KRIS TOPHER KIT CRISTOFER CRISTOPHER | CONCEPCION: CONCHA CONCHITA | CONSUELO: CHELO
CORAZON: CORY AZON | CRISTINA: TINA CRIS | CRISTOBAL: TOBAL | CRUZ: CRUCITA | CYNTHIA: CINDY
DANIEL: DAN DANNY DANI | DANIELA: DANI | DAVID: DAVE DAVEY DAVIE | DEBORAH: DEB DEBBIE DEBRA
DIEGO: DIEGUITO | DOLORES: LOLA LOLITA | DOMINGO: MINGO CHOMINGO | DONALD: DON DONNIE
DOROTHY: DOT DOTTIE | DUNG: YUNG ZUNG | EDUARDO: LALO EDDIE EDWARD | EDWARD: ED EDDIE TED NED
EDWIN: ED EDDIE | ELENA: NENA HELENA LENA
ELIZABETH: LIZ LIZZIE BETH BETTY ELIZA LISA ELISABETH ELSIE LIBBY | EMILIO: MILO
ENRIQUE: QUIQUE KIKE RICKY HENRY | ERIC: ERIK ERICK | ERICA: ERIKA | ERNESTO: NETO ERNIE
ESPERANZA: PELANCHA LANCHA | ESTEBAN: STEVEN STEVE | ESTELA: ESTELLA | ESTHER: ESTER | EUGENE: GENE
EVANGELINA: EVA LINA | EVELYN: EVIE EVELIN | FEDERICO: FEDE LICO | FELICITAS: FELY | FELIPE: PIPE PHILLIP
FERNANDA: FER NANDA | FERNANDO: FER NANDO | FRANCES: FRAN FRANNIE | FRANCISCA: PANCHA PAQUITA FRANCIS
FRANCISCO: PANCHO PACO PAQUITO CISCO FRANK KIKO FRANCIS | FRANKLIN: FRANK | FREDERICK: FRED FREDDY RICK
GABRIEL: GABE GABY | GABRIELA: GABY GABI GABRIELLA | GERARDO: LALO JERRY GERA | GERTRUDIS: TULA
GILBERTO: BETO GIL | GLORIA: GLO YOYA | GRACIELA: CHELA GRACE | GREGORIO: GOYO GREG | GREGORY: GREG
GUADALUPE: LUPE LUPITA PITA LUPILLO | GUILLERMO: MEMO GUILLE WILLIAM | GUSTAVO: GUS TAVO | HECTOR: TITO
HENRY: HANK HARRY | HERIBERTO: BETO | HILARIO: LALO | HUA: WAH | HUMBERTO: BETO | HUONG: HONG
IGNACIA: NACHA | IGNACIO: NACHO | INES: INEZ | IRENE: RENE | ISAAC: IKE ISAC
ISABEL: CHABELA ISA CHAVELA ISABELLE | ISABELLA: BELLA ISA IZZY | ISMAEL: MAYO MELO | JACOB: JAKE JACOBO
JADEN: JAYDEN JAIDEN | JAIME: JIMMY JAYME | JAMES: JIM JIMMY JAMIE | JANET: JAN YANET JANETH
JAVIER: JAVI XAVIER JAVO | JEFFREY: JEFF GEOFFREY | JENNIFER: JEN JENNY YENIFER JENIFER YENNIFER
JESSICA: JESS JESSIE YESICA YESSICA | JESUS: CHUY CHUCHO CHUS | JING: CHING | JOAQUIN: QUINO JOAQUIM
JOCELYN: JOSELYN | JOHANA: JOHANNA YOHANA | JOHN: JACK JOHNNY JON JONNY JUAN | JOHNATHAN: JONATHAN
JONATHAN: JON NATHAN YONATAN JONATAN | JORGE: COQUE YORCH GEORGE
JOSE: PEPE CHEPE PEPITO JOE JOSEPH JOSEITO | JOSEFINA: FINA PEPA CHEPINA JOSIE | JOSEPH: JOE JOEY JO
JOSHUA: JOSH | JUAN: JUANITO JUANCHO | JUANA: JUANITA | JULIA: JULIE YULIA | JULIAN: JULES
JULIANA: JULIANNA | JUSTIN: YUSTIN JUSTEN | KAO: NKAUJ | KATHERINE: KATHY KATE KATIE KAT KATHRYN KATHARINE
KENNETH: KEN KENNY | KIMBERLY: KIM KIMBERLEE QUIMBERLY | LAWRENCE: LARRY LORENZO | LEILA: LAYLA LEYLA
LEONARDO: LEO NARDO LEONARD | LETICIA: LETY LETTY | LILIANA: LILY LILI | LING: LINH | LORENA: LORE LORI
LORENZO: LENCHO | LOURDES: LULU MALOU | LUCIA: LUCY CHIA | LUIS: LUCHO LUISITO LOUIS WICHO
LUISA: LUCHA LUISITA LOUISE | LUZ: LUCHITA | MAI: MAIV | MANUEL: MANNY MANOLO MELO MANUELITO
MANUELA: MANOLA NELA | MARCELA: CHELA MARCE | MARCELO: CHELO MARCE | MARCOS: MARK MARCO MARCUS
MARGARET: MAGGIE MEG PEGGY MARGE GRETA | MARGARITA: MAGO MAGUE RITA MARGE
MARIA: MARY MARI MARIQUITA MARUCA CUCA | MARIALOURDES: MALOU | MARIBEL: MARI BEL | MARICAR: CARING
MARICELA: CHELA MARISELA | MARIO: MAYITO | MARISA: MARISSA | MARTHA: MARTA TITA | MARTIN: TIN MARTY
MATEO: TEO | MATTHEW: MATT MATTY MATEO | MAURICIO: MAURI MAURICE | MAXIMILIANO: MAX | MEI: MAY MUI
MERCEDES: MECHE MERCHE | MICHAEL: MIKE MICKEY MIKEY MICK MICHEAL MIGUEL MAIKEL
MICHELLE: SHELLY MICHELE MISHEL | MIGUEL: MIKE MIGUELITO MIKI | MIGUELA: MIGUELINA
MIKAYLA: MAKAYLA MICAELA | MING: MINH | MONICA: MONI MONIKA | NATALIA: NATY TALIA
NATHANIEL: NATE NATHAN NAT | NGOC: NGOK | NICHOLAS: NICK NICKY NICO NICOLAS | NICOLAS: NICO COLAS
NICOLE: NICKI NIKKI | NORMA: NORMITA | OCTAVIO: TAVO | OLIVIA: LIV OLIVE | OSCAR: OSKAR OZZIE
PABLO: PAUL PABLITO | PAO: POV BAO | PATRICIA: PATTY PAT TRICIA PATI TRISH | PATRICIO: PATO
PATRICK: PAT PADDY RICK | PEDRO: PERICO PETER PEDRITO | PETER: PETE | PHILLIP: PHIL PHILIP
PHUONG: FUONG FONG | QUOC: KWOK | RAFAEL: RAFA RAPHAEL RALPH | RAMON: MONCHO MONCHI RAYMOND
RAQUEL: RACHEL KELA | RAUL: RULO RAULITO | RAYMOND: RAY | REBECCA: BECKY BECCA REBECA | REFUGIO: CUCA CUCO
REMEDIOS: REMY | REYNALDO: REY NALDO | RICARDO: RICHIE RICKY RICHARD CARDO RICO
RICHARD: RICK RICKY DICK RICH RICHIE | ROBERT: BOB BOBBY ROB ROBBIE BERT | ROBERTO: BETO BOYET TITO ROBERT
RODOLFO: RUDY FITO RODO | RODRIGO: RODRI RIGO | ROGELIO: ROGER ROY | ROLANDO: ROLY LANDO | ROMAN: ROMY
RONALD: RON RONNIE | ROSA: ROSITA CHITO ROSE ROSIE | ROSARIO: CHAYO CHARO | SALVADOR: CHAVA SAL SALVA
SAMANTHA: SAM SAMMY | SAMUEL: SAM SAMMY | SANDRA: SANDY | SANTIAGO: SANTI CHAGO | SARAH: SARA SALLY SADIE
SEBASTIAN: SEBAS CHANO BASTIAN | SERGIO: CHECO YEYO | SHAWN: SHAUN SEAN | SILVIA: SYLVIA CHIVIS
SOCORRO: COCO COQUIS | SOFIA: SOFI SOPHIA SOPHIE CHOFI | SOLEDAD: CHOLE SOL
STEPHANIE: STEPH STEFANIE ESTEFANI ESTEFANY | STEPHEN: STEVE STEVEN STEPHAN | SUSAN: SUE SUSIE SUZY
SUSANA: SUSY SUSAN SUSANNA | TEODORO: DORO TEODY | TERESA: TERE TERESITA THERESA TERRY TERRI
THEODORE: TED TEDDY THEO | THOMAS: TOM TOMMY TOMAS | THUY: THUI | TIMOTHY: TIM TIMMY | TOMAS: TOMASITO
TOU: TUB | TOUA: TUA | TUAN: TWAN | VALENTINA: VALE TINA | VALERIA: VALE VALERIE
VERONICA: VERO RONNIE VERONIKA | VICENTE: CHENTE VINCENT | VICTOR: VIC VICTORINO VITO
VICTORIA: VICKY TORI VIKI | VINCENT: VINCE VINNY | VIRGINIA: GINA VICKY GINNY | WALTER: WALT WALLY
WEI: WAI | WILLIAM: BILL BILLY WILL WILLIE LIAM WILLY | XENG: SENG | XIAO: SIU HSIAO | XIMENA: JIMENA MENA
YER: YEU | YING: YIN | YOLANDA: YOLI YOLA | ZACHARY: ZACH ZACK ZACKARY | ZOE: ZOEY
""".replace("Ñ", "N")

# Names that a second person of the family may well bear: two different ones are two people, however alike.
_OTHERS = """
AALIYAH ADAM ADELINA ADRIANA AGUSTIN AIDEN ALAN ALANA ALDO ALEXA ALEXIA ALEXIS ALICE ALMA ALONSO ALONZO
ALVARO ALYSSA AMALIA AMBER AMELIA AMY AN ANDREA ANDRES ANGEL ANGELA ANGELICA ANGELINA ANGELO ANGIE ANH
ANNE APRIL ARACELI ARIANA ARIEL ASHLEY AUBREY AVA AYDEN BAO BEE BELINDA BINH BLANCA BLIA BRANDON BRENDA
BRIAN BRIANA BRIANNA BRUNO BRYAN CALEB CAMERON CAMILA CAMILO CARLA CARLO CARMELO CAROL CAROLINE CECILIA
CELIA CESAR CHA CHARLOTTE CHENG CHER CHLOE CHUE CLARA CLAUDIA CLAUDIO CRYSTAL CUONG DAISY DALIA DAMIAN
DANIA DANIELLE DANILO DANTE DAO DARIO DEREK DIANA DIANE DOMINIC DUC DUY DYLAN EDGAR EDITH ELEANOR ELIAS
ELIJAH ELISA ELISEO ELLA ELOISA ELSA EMILIA EMILIANO EMILY EMMA ERIC ERICA ERICK ERIK ERIKA ERIN ESMERALDA
ESTELA ESTELLA ETHAN EVAN FABIAN FABIOLA FATIMA FAUSTINO FELIX FENG FIDEL FLOR FLORA FONG GAEL GAO GENESIS
GIANG GIOVANNA GIOVANNI GRACE GRISELDA GUSTAVA HAI HAILEY HANH HANNAH HARRISON HERMAN HIEN HIEU HLI HOA
HOANG HUGO HUNG HUNTER HUY IAN IMELDA IRIS IRMA ISAIAH ISIDRO ISRAEL IVAN IVANA JACKSON JACQUELINE JADE
JADEN JANE JASMINE JASON JAYDEN JAYLA JAYLEN JEREMY JESSE JOCELYN JOEL JOHANA JOHANNA JORDAN JORDANA
JOSELYN JOSIAH JOSUE JOY JOYCE JULIANA JULIANNA JULIET JULIO JULISSA KAREN KARINA KARLA KATIA KAYDEN
KAYING KAYLA KEVIN KHANG KHANH KHOA KOU KYLE LAN LARISSA LAURA LAUREN LAYLA LEAH LEE LEILA LENG LEON
LEONEL LESLIE LEVI LIDIA LIEN LILIA LILIAN LINDA LINH LOAN LOGAN LONG LOR LOUISA LUCAS LUCIANA LUCIANO
LUCIO LUKE LUNA LYDIA MACKENZIE MADELINE MADISON MAKAYLA MAO MARCIA MARCO MARGARITO MARIANA MARIANO MARINA
MARISA MARISOL MARISSA MARK MARLENE MARTA MARTINA MARY MASON MAYA MEE MEGAN MELANIE MELISSA MELODY MIA
MICAELA MIKAYLA MILES MINH MIRANDA MIRIAM MOISES MYRA NADIA NAM NANCY NAOMI NATALIE NATASHA NELSON NENG
NGA NHAN NHI NHU NOAH NOE NOEL NOELIA NOEMI NORA NOU OLGA OMAR ORLANDO OSVALDO OWEN PA PALOMA PANG PAOLA
PAOLO PAUL PAULA PAULINA PAULINE PENELOPE PERLA PHENG PHONG PHUC PRISCILLA QUAN QUANG QUYEN RAMONA REINA
RENATA RENE REYNA RIGOBERTO RITA ROBERTA ROCIO ROMEO ROSALIA ROSALINDA ROXANA RUBEN RUTH RYAN SALMA SAMIR
SANTANA SANTOS SAUL SAVANNAH SEE SELENA SERENA SHANE SHARON SHAUN SHAWN SHENG SHOUA SIENNA SIERRA SIMON
SON SOPHIA SOUA STELLA SUA SUMMER SYDNEY TAM TAN TANIA TAYLOR TENG THANH THAO THIEN THU TIEN TOBIAS TRI
TRINH TRINITY TRUC TRUNG TSIA TU TUYET TYLER ULISES URIEL VA VAN VANESSA VERA VIANEY VINH VIOLET VIOLETA
VIVIAN VIVIANA VY WENDY XIOMARA XUAN YADIRA YAHIR YEN YENG YESENIA YIA YVETTE YVONNE ZARA ZOE ZOEY ZONG
"""

_LETTERS = str.maketrans({"Đ": "D", "Ð": "D", "Ł": "L", "Ø": "O", "ß": "SS", "Æ": "AE", "Œ": "OE", "Þ": "TH"})
_JOINED = re.compile(r"['’‘`´ʻʼ.]")  # noqa: RUF001 - apostrophes as they are typed
_NOT_PLAIN = re.compile(r"[^A-Z0-9#]+")

CLOSE, SIMILAR = 0.92, 0.82  # Jaro-Winkler lines for names
_TWO_LETTERS = 2
_SLIP_LENGTH = 5  # letters from which one edit is a slip of the pen rather than another name
SHARED_TOKEN = 3  # letters that a surname needs to count as shared


def plain(text: str | None) -> str:
    """Upper-case ASCII letters, digits and #, single spaces; apostrophes and full stops join."""
    if not text:
        return ""
    decomposed = unicodedata.normalize("NFKD", _JOINED.sub("", text).upper().translate(_LETTERS))
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return _NOT_PLAIN.sub(" ", bare.upper()).strip()


def _formals() -> dict[str, frozenset[str]]:
    stands_for: dict[str, set[str]] = {}
    for entry in _SHORT_FORMS.replace("\n", "|").split("|"):
        formal, _, shorts = entry.strip().partition(":")
        for name in (formal, *shorts.split()) if formal else ():
            stands_for.setdefault(name, set()).add(formal)
    return {name: frozenset(formals) for name, formals in stands_for.items()}


_FORMALS = _formals()  # a name -> the formal names that it can stand for
_HEADS = frozenset(name for name, formals in _FORMALS.items() if name in formals)  # Miguel, Michael
_KNOWN = frozenset(_FORMALS) | frozenset(_OTHERS.split())


def formals(name: str) -> frozenset[str]:
    """The formal names that a first name can stand for; none for a name that the table has not."""
    return _FORMALS.get(name, frozenset())


def is_head(name: str) -> bool:
    """Whether a first name is itself a formal name of the table."""
    return name in _HEADS


def is_known(name: str) -> bool:
    """Whether a first name is well known: beside another known one it is never a slip of the pen."""
    return name in _KNOWN


def same_by_nickname(a: str, b: str) -> bool:
    """Whether one stands for the other, or both for one formal name."""
    formals_a, formals_b = _FORMALS.get(a), _FORMALS.get(b)
    return formals_a is not None and formals_b is not None and not formals_a.isdisjoint(formals_b)


_SOUNDS = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"^X", "J"),
        (r"PH", "F"),
        (r"CH|SH|TCH", "1"),  # one sign for ch: the letters c and h have other sounds
        (r"LL", "Y"),
        (r"GU(?=[EI])", "9"),  # hard g
        (r"G(?=[EI])", "J"),
        (r"QU?|CK|C(?![EI])", "K"),
        (r"C|Z|X", "S"),
        (r"V", "B"),
        (r"[HW]", ""),
        (r"9", "G"),
    )
)
_VOWELS = re.compile(r"(?<=.)[AEIOUY]+")
_DOUBLE = re.compile(r"(.)\1+")
_SOUND_LENGTH = 6


@lru_cache(maxsize=4096)
def sound(name: str) -> str:
    """A phonetic key that hears Spanish: b/v, s/z/soft c, g/j/x, ll/y and a silent h are alike."""
    key = name.replace(" ", "")
    for pattern, replacement in _SOUNDS:
        key = pattern.sub(replacement, key)
    return _DOUBLE.sub(r"\1", _VOWELS.sub("", _DOUBLE.sub(r"\1", key)))[:_SOUND_LENGTH]


def alike(a: str, b: str) -> float:
    """Jaro-Winkler similarity, made symmetric by the order of its arguments."""
    return JaroWinkler.similarity(a, b) if a <= b else JaroWinkler.similarity(b, a)


def first_name_level(a: str, b: str, middle_a: str, middle_b: str) -> str:
    """How two first names agree; two different well-known names never count as a slip of the pen."""
    if not a or not b:
        return "missing"
    if a == b:
        return "exact" if len(a) > 1 else "prefix"
    return _other_first_name_level(a, b, middle_a, middle_b)


def _other_first_name_level(a: str, b: str, middle_a: str, middle_b: str) -> str:
    if same_by_nickname(a, b):
        return "variant" if a in _HEADS and b in _HEADS else "nickname"
    if a in middle_b.split() or b in middle_a.split():
        return "middle"
    level = _likeness_level(a, b)
    one_edit = DamerauLevenshtein.distance(a, b, score_cutoff=1) == 1 and max(len(a), len(b)) > _TWO_LETTERS
    if a in _KNOWN and b in _KNOWN:
        return "rhyme" if one_edit or level == "close" else "differ"
    if one_edit and level == "differ":
        return "similar"
    return "prefix" if level != "close" and (a.startswith(b) or b.startswith(a)) else level


def _likeness_level(a: str, b: str) -> str:
    likeness = alike(a, b)
    if likeness < SIMILAR:
        return "differ"
    if likeness >= CLOSE or sound(a) == sound(b):
        return "close"
    one_slip = min(len(a), len(b)) >= _SLIP_LENGTH and DamerauLevenshtein.distance(a, b, score_cutoff=1) == 1
    return "close" if one_slip else "similar"


def last_name_level(a: str, b: str, tokens_a: tuple[str, ...], tokens_b: tuple[str, ...]) -> str:
    """How two surnames agree; the tokens are their words without particles."""
    if not a or not b:
        return "missing"
    if a == b or tokens_a == tokens_b:
        return "exact"
    if len(tokens_a) > 1 or len(tokens_b) > 1:
        shared = set(tokens_a).intersection(tokens_b)
        if len(shared) == len(tokens_a) == len(tokens_b):
            return "exact"
        if any(len(token) >= SHARED_TOKEN for token in shared):
            return "token"
    return _likeness_level(a, b)


def middle_name_level(a: str, b: str) -> str:
    """How two middle names agree: an initial agrees with every name that starts with it, a name with one of several.

    `similar` is a slip, or a sister's: Mei Lin and Mei Ling.
    """
    if not a or not b:
        return "missing"
    if a == b:
        return "exact" if len(a) > 1 else "initial"
    words_a, words_b = a.split(), b.split()
    if _initial_of(words_a, words_b) or _initial_of(words_b, words_a):
        return "initial"
    if not {word for word in words_a if len(word) > 1}.isdisjoint(words_b):
        return "initial"
    return "similar" if alike(a, b) >= SIMILAR else "differ"


def _initial_of(words: list[str], others: list[str]) -> bool:
    """Whether a word of one letter begins another one."""
    return not {word for word in words if len(word) == 1}.isdisjoint(other[0] for other in others)
