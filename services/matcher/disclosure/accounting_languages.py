"""The two languages of the accounting of disclosures."""

from collections.abc import Mapping

from services.matcher.disclosure.accounting_words import Language, Words

ENGLISH = Words(
    lang="en",
    programs={"cws": "Child Welfare Services", "calworks": "CalWORKs"},
    roles={
        "er_worker": "A social worker",
        "case_worker": "A social worker",
        "cws_supervisor": "A supervisor",
        "tdm_facilitator": "The person who leads a family meeting",
        "cws_clerk": "A clerk",
        "eligibility_worker": "An eligibility worker",
        "wtw_worker": "An employment specialist",
        "calworks_supervisor": "A supervisor",
        "calworks_clerk": "A clerk",
        "linkages_liaison": "The person who links the two programs",
        "linkages_coordinator": "The person who links the two programs",
    },
    somebody="A worker",
    somebody_at="{who} at {program}",
    categories={
        "K0": "Your worker's name and phone",
        "K1": "Your name and birth date",
        "K1S": "Your client number",
        "K2": "That this program serves you",
        "K3": "Your cash aid and work program status",
        "K3R": "The reason for a status",
        "K4": "Your work program schedule",
        "K5": "Your income and what you own",
        "K6": "Your child welfare status",
        "K7": "Your child welfare plan: services, goals, visits",
        "K8": "What your social worker wrote",
    },
    special="Information that a special law protects",
    purposes={
        "P1": "To see if two records are about the same person",
        "P2": "To make first contact when a new family comes in",
        "P3": "To decide on benefits and give them",
        "P4": "To plan together with you",
        "P5": "To keep a child safe",
        "P6": "To avoid or end a sanction",
        "P7": "To close your case well",
        "P8": "To count, without names",
    },
    grounds={
        "ROI": "A release that was signed.",
        "ADMIN_10850": "State law on running public social services (Welfare and Institutions Code 10850).",
        "MDT_18951": "State law on teams that help a family (Welfare and Institutions Code 18951 and 18964).",
        "MDT_18961_7": "State law on looking into a report (Welfare and Institutions Code 18961.7).",
        "MDT_18986": "State law on teams for children (Welfare and Institutions Code 18986.40).",
        "CFT_832": "State law on child and family teams (Welfare and Institutions Code 832).",
        "COURT": "An order of the juvenile court (Welfare and Institutions Code 827).",
        "INDEX_18961_5": "State law on the county's index (Welfare and Institutions Code 18961.5).",
        "EMERGENCY": "The law on keeping people safe in an emergency (Penal Code 11166).",
        "SUBJECT": "You asked for it yourself.",
    },
    signed="The release that was signed on {day}.",
    withdrawn="It was taken back on {day}. Since then nothing is shared by it.",
    reasons={
        "special": "A special law protects this kind of information.",
        "few": "Your record is marked so that only a few people may see it.",
        "not_assigned": "This worker was not working with your family.",
        "job": "People in this job may not see this kind of information.",
        "revoked": "The release was taken back.",
        "expired": "The release had ended.",
        "not_yet": "The release had not begun.",
        "category": "The release does not name this kind of information.",
        "person": "No release was signed for this person's information.",
        "recipient": "The release does not name this worker or program.",
        "direction": "The release does not let it go to this program.",
        "purpose": "No release and no law allowed it for this use.",
        "nothing": "No release and no law allowed it.",
    },
    redactions={},
    months=(
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
    date_form="{month} {day}, {year}",
    on="On {day}",
    between="Between {first} and {last}",
    times_on="{times} times on {day}",
    times_between="{times} times between {first} and {last}",
    title="Who was shown your information",
    heading="Who was shown your information",
    intro=(
        "Two county programs, {own} and {other}, can work together for a family. This paper says what {own} showed to "
        "{other} about the person named here, and what it did not show."
    ),
    made_for="Made for",
    record="Record",
    made_by="Made by",
    made_on="Made on",
    period="Time that it covers",
    since="From {first} to {last}",
    nothing_yet="Nothing about this person was shown to the other program up to {last}.",
    gone="What was shown",
    gone_hint="Somebody in the other program looked at this.",
    nothing_gone="Nothing was shown.",
    ready="What could be shown, but nobody looked at it",
    ready_hint="A release or a law allowed it. Nobody has opened it so far.",
    withheld="What was not shown",
    withheld_hint="This stayed with the program that has it.",
    nothing_withheld="Nothing is listed here.",
    to="To",
    when="When",
    what_for="What for",
    allowed_by="Why it was allowed",
    only="Only this part",
    why_not="Why not",
    rights="What you can do",
    rights_text=(
        "You can take a release back at any time. Tell your worker.",
        "Taking it back does not change your benefits or services.",
        "If something here is wrong, or if you have a question, ask your worker or a supervisor.",
    ),
)

SPANISH = Words(
    lang="es",
    programs={"cws": "Servicios de Bienestar de Menores", "calworks": "CalWORKs"},
    roles={
        "er_worker": "Una trabajadora o un trabajador social",
        "case_worker": "Una trabajadora o un trabajador social",
        "cws_supervisor": "Una supervisora o un supervisor",
        "tdm_facilitator": "La persona que dirige una reunión de familia",
        "cws_clerk": "Una persona de la oficina",
        "eligibility_worker": "Una trabajadora o un trabajador de elegibilidad",
        "wtw_worker": "Una o un especialista en empleo",
        "calworks_supervisor": "Una supervisora o un supervisor",
        "calworks_clerk": "Una persona de la oficina",
        "linkages_liaison": "La persona que une los dos programas",
        "linkages_coordinator": "La persona que une los dos programas",
    },
    somebody="Una persona que trabaja",
    somebody_at="{who} en {program}",
    categories={
        "K0": "El nombre y el teléfono de quien le atiende",
        "K1": "Su nombre y fecha de nacimiento",
        "K1S": "Su número de cliente",
        "K2": "Que este programa le atiende",
        "K3": "Su situación en la ayuda en efectivo y el programa de trabajo",
        "K3R": "El motivo de una situación",
        "K4": "Su horario del programa de trabajo",
        "K5": "Sus ingresos y lo que tiene",
        "K6": "Su situación en bienestar de menores",
        "K7": "Su plan de bienestar de menores: servicios, metas, visitas",
        "K8": "Lo que escribió su trabajador social",
    },
    special="Información que una ley especial protege",
    purposes={
        "P1": "Para ver si dos expedientes son de la misma persona",
        "P2": "Para el primer contacto cuando llega una familia nueva",
        "P3": "Para decidir y dar beneficios",
        "P4": "Para planear junto con usted",
        "P5": "Para proteger a un menor",
        "P6": "Para evitar o terminar una sanción",
        "P7": "Para cerrar bien su caso",
        "P8": "Para contar, sin nombres",
    },
    grounds={
        "ROI": "Una autorización que se firmó.",
        "ADMIN_10850": (
            "La ley estatal sobre los servicios sociales públicos (Código de Bienestar e Instituciones 10850)."
        ),
        "MDT_18951": (
            "La ley estatal sobre los equipos que ayudan a una familia "
            "(Código de Bienestar e Instituciones 18951 y 18964)."
        ),
        "MDT_18961_7": (
            "La ley estatal sobre cómo se investiga un reporte (Código de Bienestar e Instituciones 18961.7)."
        ),
        "MDT_18986": "La ley estatal sobre los equipos para menores (Código de Bienestar e Instituciones 18986.40).",
        "CFT_832": (
            "La ley estatal sobre los equipos de menores y familias (Código de Bienestar e Instituciones 832)."
        ),
        "COURT": "Una orden del tribunal de menores (Código de Bienestar e Instituciones 827).",
        "INDEX_18961_5": "La ley estatal sobre el índice del condado (Código de Bienestar e Instituciones 18961.5).",
        "EMERGENCY": "La ley para proteger a las personas en una emergencia (Código Penal 11166).",
        "SUBJECT": "Usted lo pidió.",
    },
    signed="La autorización que se firmó el {day}.",
    withdrawn="Se retiró el {day}. Desde entonces no se comparte nada con ella.",
    reasons={
        "special": "Una ley especial protege esta clase de información.",
        "few": "Su expediente tiene una marca para que solo pocas personas lo vean.",
        "not_assigned": "Esta persona no trabajaba con su familia.",
        "job": "Las personas en este puesto no pueden ver esta clase de información.",
        "revoked": "La autorización se retiró.",
        "expired": "La autorización había terminado.",
        "not_yet": "La autorización todavía no había empezado.",
        "category": "La autorización no menciona esta clase de información.",
        "person": "No se firmó una autorización para la información de esta persona.",
        "recipient": "La autorización no menciona a esta persona o programa.",
        "direction": "La autorización no permite que vaya a este programa.",
        "purpose": "Ninguna autorización y ninguna ley lo permitía para este uso.",
        "nothing": "Ninguna autorización y ninguna ley lo permitía.",
    },
    redactions={
        "the class alone, without the reason": "solo la clase, sin el motivo",
        "without what could tell the reason or the place": "sin lo que pudiera decir el motivo o el lugar",
        "name, address, telephone, date and place of birth": (
            "nombre, dirección, teléfono, fecha y lugar de nacimiento"
        ),
        "name, date of birth, language, address and telephone": (
            "nombre, fecha de nacimiento, idioma, dirección y teléfono"
        ),
        "the last four characters of the CIN": "los últimos cuatro caracteres de su número de cliente",
        "whether the family is eligible: yes or no": "si la familia tiene derecho: sí o no",
        "the child, the date of removal, return or placement with a relative, and whether there is a reunification "
        "plan or its aid is recommended: yes or no": (
            "el menor, la fecha en que salió de casa, regresó o fue a vivir con un familiar, y si hay un plan de "
            "reunificación o se recomienda su ayuda: sí o no"
        ),
        "the component, whether by court or voluntary, and dates": (
            "la clase de servicio, si es por el tribunal o voluntario, y las fechas"
        ),
        "the child and the date of removal, return or placement with a relative": (
            "el menor y la fecha en que salió de casa, regresó o fue a vivir con un familiar"
        ),
        "times and places, without the reason": "horas y lugares, sin el motivo",
        "the safety summary that child welfare has written": (
            "el resumen de seguridad que escribió bienestar de menores"
        ),
        "the minutes of the meeting": "el acta de la reunión",
        "the part that is relevant to safety": "la parte que importa para la seguridad",
        "the safety plan and how to reach the survivor safely": (
            "el plan de seguridad y cómo comunicarse sin peligro"
        ),
        "the city alone": "solo la ciudad",
    },
    months=(
        *("enero", "febrero", "marzo", "abril", "mayo", "junio"),
        *("julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"),
    ),
    date_form="{day} de {month} de {year}",
    on="El {day}",
    between="Entre el {first} y el {last}",
    times_on="{times} veces el {day}",
    times_between="{times} veces entre el {first} y el {last}",
    title="Quién vio su información",
    heading="Quién vio su información",
    intro=(
        "Dos programas del condado, {own} y {other}, pueden trabajar juntos para una familia. Este papel dice qué "
        "mostró {own} a {other} sobre la persona que se nombra aquí, y qué no mostró."
    ),
    made_for="Hecho para",
    record="Expediente",
    made_by="Hecho por",
    made_on="Hecho el",
    period="Tiempo que abarca",
    since="Del {first} al {last}",
    nothing_yet="Hasta el {last} no se mostró nada sobre esta persona al otro programa.",
    gone="Lo que se mostró",
    gone_hint="Alguien del otro programa lo vio.",
    nothing_gone="No se mostró nada.",
    ready="Lo que se podía mostrar, pero nadie lo vio",
    ready_hint="Una autorización o una ley lo permitía. Hasta ahora nadie lo ha abierto.",
    withheld="Lo que no se mostró",
    withheld_hint="Esto se quedó en el programa que lo tiene.",
    nothing_withheld="Aquí no hay nada.",
    to="A quién",
    when="Cuándo",
    what_for="Para qué",
    allowed_by="Por qué se permitió",
    only="Solo esta parte",
    why_not="Por qué no",
    rights="Lo que usted puede hacer",
    rights_text=(
        "Puede retirar una autorización en cualquier momento. Dígaselo a quien le atiende.",
        "Retirarla no cambia sus beneficios ni sus servicios.",
        "Si algo aquí no es correcto, o si tiene una pregunta, hable con quien le atiende o con su supervisor.",
    ),
)

LANGUAGES: Mapping[Language, Words] = {"en": ENGLISH, "es": SPANISH}
