"""California names by the community that gives them; the commonest first, so that draws have a real skew.

Lists of our own of names in everyday use. No list or pair of names stands for a real person.
"""

from dataclasses import dataclass
from random import Random
from typing import Literal

from services.demo.draws import chance, words

_TOP = 6  # rank + this is the divisor of a name's weight: flatter than Zipf at the top


@dataclass(frozen=True, slots=True)
class Culture:
    """How one community names its people.

    `share`: weight among the county's families. `keeps`: chance that a wife keeps her own surname.
    `two_surnames`: children may carry the father's and the mother's surname.
    """

    name: str
    share: int
    language: str
    keeps: float
    two_surnames: bool
    female: tuple[str, ...]
    male: tuple[str, ...]
    surnames: tuple[str, ...]
    middle_female: tuple[str, ...] = ()
    middle_male: tuple[str, ...] = ()

    def first(self, rng: Random, sex: Literal["F", "M"], *, without: frozenset[str] = frozenset()) -> str:
        """A first name that nobody else in the family bears."""
        return draw(rng, [n for n in (self.female if sex == "F" else self.male) if n not in without])

    def middle(self, rng: Random, sex: Literal["F", "M"]) -> str | None:
        """A middle name, or none."""
        names = self.middle_female if sex == "F" else self.middle_male
        return draw(rng, names) if names and chance(rng, 0.6) else None

    def surname(self, rng: Random, *, without: frozenset[str] = frozenset()) -> str:
        """One surname."""
        return draw(rng, [n for n in self.surnames if n not in without])


def draw(rng: Random, names: tuple[str, ...] | list[str]) -> str:
    """One of the names, earlier ones more often."""
    return rng.choices(names, [1 / (rank + _TOP) for rank in range(len(names))])[0]


_SPANISH = Culture(
    "Spanish",
    44,
    "es",
    0.7,
    two_surnames=True,
    female=words(
        "María Guadalupe Ana Sofía Rosa Camila Isabella Alejandra Daniela Juana Valeria Elena Leticia "
        "Ximena Martha Carmen Gabriela Patricia Fernanda Verónica Adriana Teresa Lucía Silvia Esperanza "
        "Yolanda Marisol Natalia Alicia Karina Lorena Araceli Beatriz Esmeralda Paola Rocío Yesenia "
        "Mónica Graciela Ana_María Itzel Jimena Dulce Brenda Cecilia Susana Claudia Angélica Lizbeth "
        "Norma Maribel Rebeca Raquel Consuelo"
    ),
    male=words(
        "José Juan Luis Miguel Jesús Carlos Daniel Mateo Alejandro Francisco Santiago Ángel Diego Jorge "
        "Antonio Eduardo Manuel Sebastián Fernando Ricardo Roberto Javier Emiliano Óscar Sergio Rafael "
        "Víctor Pedro Raúl Arturo Enrique Martín Gerardo Alfredo Adrián Andrés Iván Armando Guillermo "
        "Salvador Ramón Ernesto Héctor Saúl Joaquín Rubén Gustavo Alberto César Noé Ignacio Felipe "
        "Leonel Efraín Ulises Abel"
    ),
    surnames=words(
        "Hernández García Martínez López González Rodríguez Pérez Sánchez Ramírez Flores Torres "
        "Gutiérrez Morales Reyes Cruz Díaz Mendoza Ruiz Castillo Jiménez Vásquez Ortiz Chávez Romero "
        "Moreno Alvarez Castro Vargas Ramos Medina Guzmán Aguilar Contreras Herrera Silva Estrada "
        "Delgado Rojas Ríos Mejía Soto Guerrero Ochoa Núñez Salazar Cervantes Sandoval Valdez Figueroa "
        "Camacho Rosales Zúñiga Villanueva Barajas Magaña Orozco De_la_Cruz Del_Toro Cárdenas Cortez "
        "Navarro Luna Acosta Campos Vega Espinoza Solís Avila Padilla Ibarra"
    ),
    middle_female=words("Guadalupe Elena Isabel del_Carmen Fernanda Teresa Lucía Esther Cristina Luz"),
    middle_male=words("Antonio Luis Ángel Alberto Manuel de_Jesús Enrique Eduardo Javier Daniel"),
)

_ANGLO = Culture(
    "English",
    22,
    "en",
    0.35,
    two_surnames=False,
    female=words(
        "Jennifer Ashley Emily Jessica Olivia Amanda Sarah Emma Brittany Destiny Samantha Hannah "
        "Stephanie Nicole Elizabeth Madison Kimberly Tiffany Rachel Imani Aaliyah Megan Lauren Heather "
        "Melissa Jasmine Danielle Rebecca Kayla Courtney Zoe Abigail Chloe Amber Crystal Brianna "
        "Michelle Latoya Keisha Katherine Ebony Savannah Margaret Nia Grace Autumn Shanice Natalie "
        "Victoria Erin Monique Tamara Paige Haley Deborah"
    ),
    male=words(
        "Michael James Robert David William Joshua Christopher Tyler Anthony Andrew Joseph Brandon "
        "Daniel Matthew Jayden Noah Ethan Marcus Kevin Ryan Justin Nicholas Jacob Jordan Isaiah Elijah "
        "Malik Zachary Cody Dylan Terrence Benjamin Samuel Alexander Logan Darius Jeremiah Thomas "
        "Charles Timothy Patrick Andre Derrick Travis Jonathan Steven Richard Edward Xavier Devin "
        "Tyrone Jamal Caleb Austin Kyle Sean"
    ),
    surnames=words(
        "Smith Johnson Williams Brown Jones Miller Davis Wilson Anderson Jackson Taylor Thomas Moore "
        "Harris Martin Thompson Robinson Lewis Clark Walker Hall Young Allen King Wright Scott Green "
        "Adams Baker Carter Mitchell Roberts Turner Phillips Campbell Parker Evans Edwards Collins "
        "Stewart Washington Jefferson Banks Coleman Brooks Foster Simmons Hayes Bryant Griffin Freeman "
        "Booker Hawkins Perkins O'Brien McDonald Sullivan Webb"
    ),
    middle_female=words("Marie Ann Lynn Nicole Renee Elizabeth Grace Rose Michelle Denise Jean"),
    middle_male=words("James Michael Lee Allen Ray Scott Edward Wayne Thomas Lamar Joseph"),
)

_VIETNAMESE = Culture(
    "Vietnamese",
    12,
    "vi",
    0.9,
    two_surnames=False,
    female=words(
        "Linh Huong Lan Trang Thao Mai Ngoc Phuong Hoa Thuy Yen Kim Nhi Anh My Vy Tien Hanh Loan Nga "
        "Tuyet Quyen Dung Diem Bich Xuan Ha Chau Khanh Thanh_Truc Tram Uyen Hong Cam_Tu Ly Van Phung"
    ),
    male=words(
        "Minh Tuan Hung Dung Long Nam Duc Hai Khoa Huy Quang Thanh Phuc Tri Bao Son Kiet Viet Hieu Tam "
        "Phong Vinh Cuong Duy Khang An Loc Tai Toan Trung Nghia Dat Lam Hoang Tien Quoc Binh Danh"
    ),
    surnames=words(
        "Nguyen Tran Le Pham Huynh Vo Phan Truong Hoang Ngo Dang Do Ho Bui Duong Ly Dinh Lam Mai Luong"
    ),
    middle_female=words("Thi Thi Ngoc Kim Thi_Kim My Bich"),
    middle_male=words("Van Van Duc Quoc Minh Huu Cong"),
)

_FILIPINO = Culture(
    "Filipino",
    8,
    "tl",
    0.1,
    two_surnames=False,
    female=words(
        "Maria Angelica Kristine Jasmine Rosario Lourdes Marites Cherry Corazon Imelda Maricel Jocelyn "
        "Analyn Precious Princess Bernadette Luzviminda Girlie Rowena Divina Erlinda Catherine Sheila "
        "Aileen Nenita"
    ),
    male=words(
        "Jose Mark John_Paul Ramon Rodrigo Christian Reynaldo Jerome Danilo Emmanuel Arnel Ferdinand "
        "Noel Jayson Rommel Dennis Edgardo Rolando Virgilio Benjie Arvin Joselito Nathaniel Gilbert "
        "Renato Crisanto"
    ),
    surnames=words(
        "Santos Reyes Cruz Bautista Ocampo Garcia Mendoza Dela_Cruz Aquino Villanueva Ramos Castro "
        "Dizon Pascual Mercado Salonga Tolentino Manalo Magbanua Dimaculangan Panganiban Macaraeg "
        "Soriano Agbayani Catacutan"
    ),
    middle_female=words("Bautista Cruz Reyes Santos Dizon Manalo"),
    middle_male=words("Bautista Cruz Reyes Santos Dizon Manalo"),
)

_CHINESE = Culture(
    "Chinese",
    6,
    "zh",
    0.9,
    two_surnames=False,
    female=words(
        "Mei Li Xiao_Ling Ying Jing Yan Hui Fang Mei_Ling Xiu Lan Hong Amy Grace Jenny Wen_Ting Yu_Fei "
        "Shu_Fen Min Qian Ling Suk_Yee Wai_Ling Tiffany Vivian Xin_Yi"
    ),
    male=words(
        "Wei Jun Ming Jian Feng Hao Chen_Yu Kai Lei Bin Zhi_Wei Guo_Qiang Kevin Jason Eric Tao Peng "
        "Yong Wai_Man Ka_Ming Chun Bo Xiang Qiang Henry Zi_Hao"
    ),
    surnames=words(
        "Chen Li Wang Wong Zhang Liu Huang Lin Wu Chan Lee Yang Zhao Chang Liang Zhou Xu Lam Leung Ng "
        "Cheung Guo He Ma Luo Zheng Tang Feng Cheng Yu"
    ),
)

_HMONG = Culture(
    "Hmong",
    4,
    "hmn",
    0.6,
    two_surnames=False,
    female=words(
        "Mai Pa Yer Kao Bao Chue See Mee Youa Ka_Ying Pa_Houa Nou Gao_Nou Sheng Mai_See Xia Maly Kia"
    ),
    male=words("Tou Xeng Kong Chong Pao Blong Fue Toua Yeng Nhia Cheng Tou_Ger Ka Meng Lue Bee Za"),
    surnames=words("Vang Xiong Yang Lee Thao Her Moua Lor Vue Cha Hang Khang Kue Cheng Fang Chue"),
)

_ARMENIAN = Culture(
    "Armenian",
    2,
    "hy",
    0.15,
    two_surnames=False,
    female=words(
        "Anahit Ani Lusine Mariam Nare Hasmik Gayane Narine Siranush Tatevik Armine Karine Lilit Sona"
    ),
    male=words(
        "Armen Tigran Hayk Aram Davit Vahe Gevorg Karen Narek Suren Artur Ashot Hovhannes Levon Garegin"
    ),
    surnames=words(
        "Petrosyan Sargsyan Grigoryan Hakobyan Harutyunyan Khachatryan Hovhannisyan Karapetyan "
        "Gevorgyan Manukyan Avetisyan Mkrtchyan Balasanian Keshishian Abrahamian"
    ),
)

_PUNJABI = Culture(
    "Punjabi",
    2,
    "pa",
    0.5,
    two_surnames=False,
    female=words(
        "Harpreet Jaspreet Simran Manpreet Gurpreet Navneet Kiran Amandeep Rupinder Baljit Jasleen Parminder"
    ),
    male=words(
        "Gurpreet Harjit Jaspreet Amandeep Manjit Sukhdev Balwinder Arjun Rajinder Karan Jagdeep Navdeep"
    ),
    surnames=words("Singh Kaur Gill Sandhu Dhillon Sidhu Grewal Brar Dhaliwal Bains Sohal Atwal"),
)

CULTURES = (_SPANISH, _ANGLO, _VIETNAMESE, _FILIPINO, _CHINESE, _HMONG, _ARMENIAN, _PUNJABI)

_SHORT = """
 Guadalupe=Lupe Francisco=Pancho José=Pepe Jose=Joe Jesús=Chuy Antonio=Tony Ignacio=Nacho Enrique=Kike
Guillermo=Memo Roberto=Beto Alberto=Beto Eduardo=Lalo Alejandro=Alex Alejandra=Ale Isabella=Bella
Gabriela=Gaby Leticia=Lety Fernando=Fer Rafael=Rafa Verónica=Vero Teresa=Tere Patricia=Paty Graciela=Chela
Consuelo=Chelo Ernesto=Neto Salvador=Chava Ramón=Monchi Manuel=Manny Miguel=Mike Javier=Javi Sergio=Checo
Yolanda=Yoli Rosa=Rosie Susana=Susy Daniela=Dani Ricardo=Ricky Santiago=Santi Sebastián=Sebas Armando=Mando
Alfredo=Fredo Gustavo=Tavo Natalia=Naty William=Bill Robert=Bob Michael=Mike James=Jim Joseph=Joe
Christopher=Chris Anthony=Tony Andrew=Andy Joshua=Josh Daniel=Danny Matthew=Matt Nicholas=Nick Jacob=Jake
Zachary=Zach Benjamin=Ben Samuel=Sam Alexander=Alex Thomas=Tom Charles=Chuck Timothy=Tim Patrick=Pat
Jonathan=Jon Steven=Steve Richard=Rick Edward=Ed Jennifer=Jenny Jessica=Jess Amanda=Mandy Samantha=Sam
Stephanie=Steph Elizabeth=Liz Madison=Maddie Kimberly=Kim Rebecca=Becky Abigail=Abby Margaret=Maggie
Victoria=Vicky Katherine=Katie Deborah=Debbie Natalie=Nat Corazon=Cory Lourdes=Malou Rolando=Lando
Reynaldo=Rey Catherine=Cathy Bernadette=Bernie Benjie=Benjamin
"""
SHORT_NAMES = dict(pair.split("=") for pair in _SHORT.split())
