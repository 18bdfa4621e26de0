"""What California's counties are called: the state numbers them in this order."""

_NAMES = (
    *(
        "Alameda",
        "Alpine",
        "Amador",
        "Butte",
        "Calaveras",
        "Colusa",
        "Contra Costa",
        "Del Norte",
        "El Dorado",
    ),
    *("Fresno", "Glenn", "Humboldt", "Imperial", "Inyo", "Kern", "Kings", "Lake", "Lassen", "Los Angeles"),
    *("Madera", "Marin", "Mariposa", "Mendocino", "Merced", "Modoc", "Mono", "Monterey", "Napa", "Nevada"),
    *("Orange", "Placer", "Plumas", "Riverside", "Sacramento", "San Benito", "San Bernardino", "San Diego"),
    *("San Francisco", "San Joaquin", "San Luis Obispo", "San Mateo", "Santa Barbara", "Santa Clara"),
    *("Santa Cruz", "Shasta", "Sierra", "Siskiyou", "Solano", "Sonoma", "Stanislaus", "Sutter", "Tehama"),
    *("Trinity", "Tulare", "Tuolumne", "Ventura", "Yolo", "Yuba"),
)


def name(county: str) -> str:
    """The name of a county ("01" to "58")."""
    return _NAMES[int(county) - 1]
