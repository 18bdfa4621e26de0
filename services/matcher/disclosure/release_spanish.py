"""The integrated release in Spanish."""

from services.matcher.disclosure.paper import SafeContact, Statement
from services.matcher.disclosure.release_words import ReleaseWords, Special
from services.matcher.disclosure.request import Category, Purpose
from services.matcher.disclosure.signers import Authority

_WHO_GETS = "Quién puede recibirla (nombres o clase de trabajador)"

SPANISH = ReleaseWords(
    lang="es",
    language="Español",
    title="Permiso para compartir información",
    intro=(
        (
            "Servicios de Bienestar de Menores y CalWORKs son dos programas de este condado. Con este papel usted "
            "permite que compartan información sobre usted, para que puedan planear juntos y con usted."
        ),
        "No tiene que firmar. Puede firmar solo por una parte. Pregunte todo lo que no esté claro.",
    ),
    county="Condado",
    form="Formulario",
    version="Versión",
    whose="1. ¿De quién es la información?",
    whose_hint="Marque a cada persona. Con este papel no se comparte información de nadie más.",
    person="Nombre",
    birth_date="Fecha de nacimiento",
    way="2. ¿Quién puede compartir con quién?",
    way_hint="Marque una opción, o las dos.",
    from_cws="Servicios de Bienestar de Menores puede informar a CalWORKs",
    from_calworks="CalWORKs puede informar a Servicios de Bienestar de Menores",
    receives=(
        "La pueden recibir las personas de ese programa que trabajan con usted o su familia, sus supervisores y la "
        "persona que une los dos programas."
    ),
    what="3. ¿Qué pueden compartir?",
    what_hint="Marque cada clase que usted acepta. Lo que no se marca no es parte de este papel.",
    categories={
        Category.K0: "El nombre y el teléfono de quien le atiende",
        Category.K1: "Su nombre y fecha de nacimiento",
        Category.K2: "Que el programa le atiende",
        Category.K3: "Su situación en la ayuda en efectivo y el programa de trabajo",
        Category.K4: "Su plan y horario del programa de trabajo",
        Category.K6: "Su situación en bienestar de menores",
        Category.K7: "Su plan de bienestar de menores: servicios, metas, visitas",
        Category.K1S: "Los últimos cuatro caracteres de su número de cliente",
        Category.K3R: "El motivo de su situación en el programa de trabajo",
        Category.K5: "Sus ingresos y lo que tiene",
        Category.K10: "Tratamiento por uso de drogas o alcohol",
        Category.K11: "Salud y salud mental",
        Category.K12: "Violencia doméstica",
        Category.K13: "Servicios que un menor aceptó por sí solo",
        Category.K14: "VIH",
        Category.K18: "Una dirección protegida",
    },
    more="Algo más, solo si usted quiere",
    special="Clases especiales",
    special_hint=(
        "La ley las protege más. Cada una tiene su propia página al final. Todas las familias reciben las mismas "
        "páginas. Use solo las que quiera. Una página que nadie firma no cuenta."
    ),
    never="Este papel nunca permite compartir",
    never_list=(
        "quién hizo un reporte sobre una familia",
        "lo que un trabajador social escribió en sus notas, y los informes para el tribunal",
        "expedientes de adopción y expedientes sellados",
        "la situación de inmigración",
        "datos de impuestos, y lo que otras agencias informan sobre sus ingresos",
    ),
    purpose="4. ¿Para qué?",
    purposes={
        Purpose.P2: "Para el primer contacto cuando una familia es nueva",
        Purpose.P3: "Para decidir y dar beneficios",
        Purpose.P4: "Para planear junto con usted",
        Purpose.P6: "Para evitar o terminar una sanción",
        Purpose.P7: "Para cerrar bien su caso",
    },
    until="5. ¿Hasta cuándo?",
    last_day="Último día",
    event="O cuando pase esto, si es antes (por ejemplo: se cierra mi caso)",
    event_hint=(
        "Avise a quien le atiende cuando pase. El sistema no lo ve por sí solo: quien le atiende termina el permiso."
    ),
    longest="El último día no puede ser más de {months} meses después del día de la firma.",
    by_itself="Si aquí no se escribe un día, termina {ends} meses después del día de la firma.",
    rights="6. Sus derechos",
    statements={
        Statement.RIGHT_TO_REVOKE: (
            "Puede retirar este permiso en cualquier momento, todo o una parte. Dígaselo al programa que le dio este "
            "papel, de palabra o por escrito. En cuanto quien le atiende allí lo registre, no se comparte nada más "
            "por lo que usted retiró. Eso no deshace lo que se compartió antes."
        ),
        Statement.AID_NOT_CONDITIONED: (
            "Su ayuda en efectivo, sus beneficios y sus servicios no dependen de su firma. Decir que no, o retirar el "
            "permiso, no los cambia."
        ),
        Statement.REDISCLOSURE: (
            "Quien recibe la información podría pasarla a otros cuando una ley lo permite o lo exige. Entonces puede "
            "ser que la ley que la protegía antes ya no la proteja."
        ),
        Statement.COPY: "Tiene derecho a una copia de este papel. Pídala al firmar, o después.",
    },
    further=(
        (
            "También sin este papel se puede compartir alguna información cuando una ley o un tribunal lo permite: "
            "por ejemplo, para decidir beneficios o para proteger a alguien."
        ),
        "Puede pedir una lista de lo que se compartió por este papel.",
    ),
    explained="7. Cómo se explicó",
    spoken="Idioma en que se explicó",
    understood="Leí este papel, o me lo leyeron, en un idioma que entiendo.",
    interpreter="Ayudó un intérprete",
    no_interpreter="No se necesitó intérprete",
    interpreter_name="Nombre del intérprete",
    explained_by="Persona que lo explicó",
    program="Programa",
    explained_on="Se explicó el",
    signing="8. Firmas",
    signing_hint=(
        (
            "Cada adulto firma por su propia información. Nadie firma por el otro padre o la otra madre, por su "
            "pareja ni por quien cuida a un menor."
        ),
        "Firme solo cuando ya no quede vacío nada que usted quiera llenar.",
    ),
    agree="Entiendo este papel y acepto lo que está marcado en él.",
    adult="Adulto",
    child="Menor",
    child_hint=(
        "Por un menor firma su padre, su madre o su tutor legal que tenga la custodia. Un padrastro, una madrastra o "
        "quien lo cuida no puede. Si un tribunal limitó o terminó los derechos de los padres, use la parte 9."
    ),
    signs_as="Quién firma",
    children={Authority.PARENT: "Padre o madre con custodia", Authority.LEGAL_GUARDIAN: "Tutor legal"},
    signature="Firma",
    date="Fecha",
    other="9. Si alguien firma por otra persona",
    other_hint="Quien atiende debe ver la prueba, y se guarda en el expediente.",
    signs_for="Firma por",
    own_name="Nombre de quien firma",
    authorities={
        Authority.CONSERVATOR: "Curador (conservator)",
        Authority.ATTORNEY_IN_FACT: "Poder legal",
        Authority.AUTHORIZED_REPRESENTATIVE: "Representante autorizado",
        Authority.CHILDS_ATTORNEY: "El abogado del menor",
        Authority.COURT: "El tribunal",
        Authority.AUTHORIZED_BY_COURT: "Persona autorizada por el tribunal",
        Authority.SOCIAL_WORKER: "Trabajador social, cuando una orden o una ley lo dice",
        Authority.PERSONAL_REPRESENTATIVE: "Representante personal de alguien que murió",
    },
    authority_until="La autoridad termina el (si termina)",
    proof="Quien atiende vio la prueba, y hay una copia en el expediente.",
    own_page="Página especial",
    sections={
        Category.K12: Special(
            heading="Violencia doméstica",
            says=(
                (
                    "Solo la persona que la vivió llena y firma esta página. Nadie puede firmar por usted. Hágalo a "
                    "solas, donde no haya peligro. Si es más seguro, no guarde una copia en casa."
                ),
                "Sin esta página, su permiso no deja que los programas compartan esto.",
            ),
            agree="Permito compartir que viví violencia doméstica, y mi plan de seguridad.",
            asks=("Su nombre",),
            one_of=(
                "¿Cómo podemos comunicarnos con usted sin peligro? Marque solo la forma. No escriba aquí un número ni "
                "una dirección: dígaselos a quien le atiende."
            ),
            signature="Firma de la persona que la vivió",
        ),
        Category.K10: Special(
            heading="Tratamiento por uso de drogas o alcohol",
            says=(
                (
                    "Una ley federal (42 CFR parte 2) protege estos expedientes. Diga exactamente qué se puede "
                    "compartir. Para qué, el último día y el derecho a retirarlo son los de las primeras páginas."
                ),
                (
                    "Esta página no se puede usar en un proceso civil, penal, administrativo o legislativo. Las notas "
                    "de consejería no son parte de ella: necesitan su propio formulario."
                ),
            ),
            agree="Permito compartir los expedientes de tratamiento por uso de drogas o alcohol que se describen aquí.",
            asks=(
                "Nombre del paciente",
                "Quién puede compartirlos (programa de tratamiento o programa del condado)",
                _WHO_GETS,
            ),
            describe="Exactamente qué se puede compartir, y de qué tiempo",
            signature="Firma del paciente",
        ),
        Category.K11: Special(
            heading="Salud y salud mental",
            says=("Las notas de psicoterapia no son parte de ella: necesitan su propio formulario.",),
            agree="Permito compartir la información de salud o salud mental que se describe aquí.",
            asks=("De quién es la información", _WHO_GETS),
            describe="Exactamente qué se puede compartir",
            signature="Firma de esa persona, o de quien puede firmar",
        ),
        Category.K14: Special(
            heading="VIH",
            says=("Esta página nombra el VIH con todas sus letras, porque la ley lo pide.",),
            agree="Permito compartir información sobre el VIH: pruebas, resultados y tratamiento.",
            asks=("De quién es la información", _WHO_GETS),
            signature="Firma de esa persona, o de quien puede firmar",
        ),
        Category.K13: Special(
            heading="Servicios que un menor aceptó por sí solo",
            says=(
                (
                    "Desde los 12 años, un menor puede aceptar por sí solo algunos servicios. Solo el menor puede "
                    "permitir que se comparta información sobre ellos. Sus padres o su tutor no pueden firmar esta "
                    "página."
                ),
            ),
            agree="Permito compartir información sobre los servicios que acepté por mí mismo o por mí misma.",
            asks=("Nombre del menor", "Qué servicio", _WHO_GETS),
            signature="Firma del menor",
        ),
        Category.K18: Special(
            heading="Una dirección protegida",
            says=(
                (
                    "Es una dirección que se guarda en secreto, como en el programa Safe at Home, o la dirección de "
                    "quien cuida a un menor. No escriba aquí la dirección."
                ),
            ),
            agree="Permito compartir la dirección protegida.",
            asks=("De quién es la dirección", _WHO_GETS),
            signature="Firma de esa persona, o de quien puede firmar",
        ),
    },
    contacts={
        SafeContact.TELEPHONE: "Por teléfono",
        SafeContact.MAIL: "Por correo",
        SafeContact.IN_PERSON: "Solo en persona",
        SafeContact.ADVOCATE: "Por medio de una persona defensora",
    },
)
