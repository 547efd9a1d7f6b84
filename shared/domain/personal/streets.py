"""How streets and towns are written, country by country, as patterns."""

import re
from functools import cache

# ruff: noqa: RUF001 - letters of other alphabets are meant as they are

_CAP = "(?-i:[A-ZÀ-ÖØ-ÞŁŚŻŹĆĘÓŃÇĞİŞ])"
_WORD = r"[\w'.-]{1,30}"
_CAPPED = rf"{_CAP}(?:[\w'-]|\.(?=\w)|(?<=\b\w\w)\.){{0,30}}"
"""A dot belongs to it in the middle, and after `St`."""
_NUMBER = r"\d{1,5}(?:\s?[-/]\s?\d{1,5})?(?:\s?[A-Za-z](?!\w))?"
_NOT_AFTER = r"(?<![\w.,/$€£-])"
"""No house number is part of an amount."""
_CITY = rf"{_CAPPED}(?:[ -]{_CAPPED}){{0,2}}"
_SURE_STREETS = "street|road|avenue|ave|lane|boulevard|blvd|crescent|terrace|parkway|highway|rd|st"
_STREETS = (
    "street|str|st|road|rd|avenue|ave|av|lane|ln|drive|dr|boulevard|blvd|court|ct|close|way|place|pl|square|sq|terrace|"
    "tce|ter|crescent|cres|crt|cl|pde|highway|hwy|parkway|pkwy|gardens|gdns|grove|hill|mews|row|walk|quay|circle|cir|trail|trl|loop|"
    "alley|expressway|turnpike|pike|parade|esplanade|plaza|green|rise|view|wharf|broadway|heights|ridge|run|path"
)
_NOT_IN_STREET = (
    "the|a|an|of|on|in|to|down|from|up|my|your|our|his|her|their|this|that|is|was|were|are|be|been|it|i|we|you|they|and|"
    "or|but|for|with|at|by|as|so|than|per|minutes?|mins?|hours?|days?|weeks?|months?|years?|times?|miles?|km|feet|yards?|"
    "meters?|metres?|stars?|dollars?|euros?|pounds?|percent|people|persons?|pairs?|pieces?|inch(?:es)?|cm|mm|ml|kg|g|gb|"
    "sizes?|off|away|across|along|more|gig|tb|hard|disk|disc|usb|flash|cd|dvd|tape|test|wheel|speed|different|other|nd|"
    "rd|th|st|out|all|every|each|into|over|under|no|not|just|only|until|till|walk|drive|ride|blocks?|shops|stores|cars?|way"
)
_UNIT = (
    r"(?i:,?\s{0,2}(?:\b(?:apt|apartment|unit|suite|ste|flat|floor|fl|room|rm|lot|bldg|building)\b|"
    r"#)[\s.#]{0,3}\w{1,6}\b)"
)
_STATES = (
    "AL|AK|AZ|AR|CA|CO|CT|DE|FL|GA|HI|ID|IL|IN|IA|KS|KY|LA|ME|MD|MA|MI|MN|MS|MO|MT|NE|NV|NH|NJ|NM|NY|NC|ND|OH|OK|OR|PA|"
    "RI|SC|SD|TN|TX|UT|VT|VA|WA|WV|WI|WY|DC|PR"
)
_STATE_NAMES = (
    "Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut|Delaware|Florida|Georgia|Hawaii|Idaho|Illinois|"
    "Indiana|Iowa|Kansas|Kentucky|Louisiana|Maine|Maryland|Massachusetts|Michigan|Minnesota|Mississippi|Missouri|Montana|"
    "Nebraska|Nevada|New Hampshire|New Jersey|New Mexico|New York|North Carolina|North Dakota|Ohio|Oklahoma|Oregon|"
    "Pennsylvania|Rhode Island|South Carolina|South Dakota|Tennessee|Texas|Utah|Vermont|Virginia|Washington|"
    "West Virginia|Wisconsin|Wyoming"
)
_UK_AREAS = (
    "AB|AL|B|BA|BB|BD|BH|BL|BN|BR|BS|BT|CA|CB|CF|CH|CM|CO|CR|CT|CV|CW|DA|DD|DE|DG|DH|DL|DN|DT|DY|E|EC|EH|EN|EX|FK|FY|G|GL|"
    "GU|GY|HA|HD|HG|HP|HR|HS|HU|HX|IG|IM|IP|IV|JE|KA|KT|KW|KY|L|LA|LD|LE|LL|LN|LS|LU|M|ME|MK|ML|N|NE|NG|NN|NP|NR|NW|OL|OX|"
    "PA|PE|PH|PL|PO|PR|RG|RH|RM|S|SA|SE|SG|SK|SL|SM|SN|SO|SP|SR|SS|ST|SW|SY|TA|TD|TF|TN|TQ|TR|TS|TW|UB|W|WA|WC|WD|WF|WN|WR|"
    "WS|WV|YO|ZE"
)
_OUTWARD = rf"(?:(?:{_UK_AREAS})\d\d?|(?:EC|E|NW|N|SE|SW|WC|W)\d[A-Z])"
_INWARD = r"\d[ABD-HJLNP-UW-Z]{2}"
_CANADIAN = r"[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z]\s?\d[ABCEGHJ-NPRSTV-Z]\d"
_AUSTRALIAN = r"(?:NSW|VIC|QLD|WA|SA|TAS|ACT|NT)\s\d{4}"
_ENGLISH_TOWN = (
    rf"(?:[\s,]{{1,3}}(?:{_CITY}[\s,]{{1,3}}){{0,3}}(?-i:(?:{_STATES})[\s,]{{1,2}}\d{{5}}(?:-\d{{4}})?|"
    rf"(?:{_STATE_NAMES})(?:[\s,]{{1,2}}\d{{5}})?|(?:{_STATES})\b|{_OUTWARD}\s?{_INWARD}|"
    rf"(?:[A-Z]{{2}}\s)?{_CANADIAN}|{_AUSTRALIAN}))"
)
_CODE = r"(?:[A-Z]{1,3}-)?(?:\d{5}(?:-\d{3,4})?|\d{4}(?:-\d{3}|\s?[A-Z]{2}\b)?|\d{2}-\d{3}|\d{3}\s\d{2})(?!\d)"
_TOWN = (
    rf"(?:[\s,]{{1,4}}(?-i:{_CODE})(?:[\s,]{{1,3}}{_CITY})?|"
    rf"(?:[\s,-]{{1,4}}{_CITY}){{1,3}}[\s,-]{{1,3}}\d{{5}}-\d{{3}})"
)
"""A postcode of the continent and its town; in Brazil the other way round."""
_ANY_TOWN = rf"(?:{_TOWN}|,\s{_CITY}(?=\s*(?:[.,;!?)\n]|\Z)))?"
"""Where the rest is an address without it, a town may follow that has no postcode."""
_OF = (
    r"(?:(?:de la|de los|de las|de l'|del|della|delle|dei|degli|dello|dell'|di|da|de|du|des|d'|do|das|dos|la|las|"
    r"le|les|el|"
    r"los|aux?|en|sur)\b\s?){0,2}"
)
_FRENCH = "rue|boulevard|bd|chemin|impasse|all[ée]e|quai|faubourg|ruelle|avenue|av"
_FRENCH_TOO = "place|cours|route|square|passage|voie"
"""English words as well."""
_IBERIAN = (
    r"c/|(?:calle|avenida|avda\.?|av\.|plaza|pza\.?|paseo|p[ºo]\.|carrer|ronda|camino|traves[ií]a|carretera|"
    r"ctra\.?|rua|r\.|"
    r"travessa|pra[çc]a|alameda|estrada|rodovia|largo)(?!\w)"
)
_ITALIAN = r"(?:[Vv]iale|[Pp]iazza|[Pp]iazzale|[Cc]orso|[Vv]icolo|[Ll]argo|P\.zza|V\.le|[Vv]ia)"
_DUTCH = "straat|burgwal|haven|laan|gracht|plein|kade|singel|dijk|dreef|steeg"
_NORDIC = "gatan|vägen|gata|veien|vegen|vei|vejen|vej|gade|gaden|stræde|katu"
_BOX = (
    r"(?:g?\.?p\.?\s?o\.?\s?box|p/bag|private bag|locked bag|casilla|post\s?office\s?box|postfach|postbus|"
    r"bo[iî]te postale|apartado(?:\s(?:de correos|postal))?|casella postale|caixa postal|skrytka pocztowa|postboks)"
)
_RURAL = r"\b(?:RR|HC|Rural Route|R\.R\.)\s?#?\d{1,4},?\sBox\s\d{1,5}"
_TIME_UNITS = r"(?!\s?(?:days?|weeks?|hours?|times?|minutes?|years?|months?|uhr)\b)"

_ENGLISH = (
    rf"(?:{_UNIT}[\s,]{{1,3}})?{_NOT_AFTER}\d{{1,5}}(?:[/-]\d{{1,5}})?[A-Za-z]?,?\s(?:[NSEW]\.?\s|(?:North|South|East|West)\s)?"
    rf"(?:{_CAPPED}\s|\d{{1,3}}(?:st|nd|rd|th)\s){{1,4}}(?:{_STREETS.title()})"
    rf"\b\.?(?:\s[NSEW][NSEW]?\b)?(?:{_UNIT})?(?:{_ENGLISH_TOWN}|{_ANY_TOWN})",
    rf"(?:(?:{_CITY},\s){{1,4}}{_CITY},?\s)?(?<![\w-]){_OUTWARD}\s?{_INWARD}(?![\w-])",
    rf"(?:{_CAPPED}[ ]){{0,2}}{_CAPPED},?\s(?:{_STATES}),?\s\d{{5}}(?:-\d{{4}})?(?!\d)",
    rf"(?:{_CAPPED},?\s)?\b(?:{_STATE_NAMES}),?\s\d{{5}}(?:-\d{{4}})?(?!\d)",
    rf"(?<![\w-]){_CANADIAN}(?![\w-])",
    rf"{_RURAL}(?:{_ENGLISH_TOWN})?",
)
_ENGLISH_ANY_CASE = (
    rf"(?:{_UNIT}[\s,]{{1,3}})?{_NOT_AFTER}\d{{1,5}}[a-z]?,?\s(?:(?!(?:{_NOT_IN_STREET})"
    rf"\b){_WORD}\s){{1,3}}(?:{_SURE_STREETS})\b\.?"
    rf"(?:{_UNIT})?(?:{_ENGLISH_TOWN}|{_ANY_TOWN})",
    rf"(?<![\w-]){_OUTWARD}\s{_INWARD}(?![\w-])",
    rf"\b{_BOX}\s{{0,2}}(?:#|no\.?|nr\.?|n[º°]\.?)?\s?x?\d(?:[\d ]{{0,8}}\d)?(?:{_ENGLISH_TOWN}|{_ANY_TOWN})",
)
_GERMAN = (
    rf"(?:\b{_CAPPED}[ -]){{0,3}}\b{_CAP}\w{{2,30}}(?:str|platz|weg|ring|ufer|damm|steig|stieg|markt|graben|kai|"
    rf"zeile)\s{{1,2}}{_NUMBER}(?!\s?Uhr){_ANY_TOWN}",
    rf"\b(?:{_CAPPED}[ -]){{1,3}}(?:Straße|Strasse|Str\.|Allee|Gasse|Chaussee)\s{{1,2}}{_NUMBER}{_ANY_TOWN}",
    rf"\b{_CAPPED}-(?:Weg|Platz|Ring|Ufer|Damm|Markt)\s{{1,2}}{_NUMBER}{_ANY_TOWN}",
    rf"\b(?:{_CAPPED}\s){{1,3}}(?:Weg|Platz|Ring|Ufer|Damm|Markt)\s{{1,2}}{_NUMBER}{_TOWN}",
    rf"\bStraße\sde[rs]\s[\w. ]{{3,30}}?\s\d{{1,4}}[a-z]?\b(?!\.){_ANY_TOWN}",
    rf"\b(?:Am|An der|An den|Auf dem|Auf der|Im|In der|In den|Zum|Zur|Unter den|Hinter der|Hinter dem|"
    rf"Beim)\s{_CAP}\w{{2,30}}\s{_NUMBER}{_TOWN}",
    rf"(?<!\w)(?:D|A|CH|DE|AT|F|L|B|NL|I|E|PL)-\d{{4,5}}\s{_CITY}",
)
_GERMAN_ANY_CASE = (
    rf"(?:\b{_CAPPED}[ -]){{0,3}}\b\w{{2,30}}(?:straße|strasse|str\.|gasse|allee|chaussee|"
    rf"promenade)\s{{0,2}}{_NUMBER}{_ANY_TOWN}",
)
_ROMANCE_ANY_CASE = (
    rf"(?<=\bin\s)via\s{_OF}{_WORD}(?:\s{_WORD}){{0,2}}\s\d{{1,4}}(?!\w)",
    rf"{_NOT_AFTER}\d{{1,4}}\s?(?:bis|ter|quater|"
    rf"[A-D])?,?\s(?:(?:{_FRENCH})\.?\s{_OF}[\w'.-]{{2,30}}|(?:{_FRENCH_TOO})\s(?:(?:de la|de l'|du|des|de|"
    rf"d')\s?[\w'.-]{{2,30}}|{_CAPPED}))(?:[ -]{_CAPPED}){{0,4}}{_ANY_TOWN}",
    rf"(?<!\w)(?:{_IBERIAN})\s?{_OF}(?!(?:on|in|at|and|is|was|the|with|by|for)\b){_WORD}(?:\s(?:{_CAPPED}|de|del|"
    rf"la|los|las|da|do|dos|das|y|"
    rf"e)){{0,5}},?\s(?:n[.º°oúu]{{0,3}}mero\s|"
    rf"n[º°o]?\.?\s?)?\d{{1,5}}(?!\d)"
    rf"(?:[\s,]{{1,3}}\d{{1,2}}[º°ªo]\s?\w{{0,10}}\.?)?{_ANY_TOWN}",
)
_ROMANCE = (
    rf"(?i:\b(?:{_FRENCH}|{_FRENCH_TOO})\s{_OF}){_CAPPED}(?:[ -]{_CAPPED}){{0,3}},?\s{_NUMBER}{_TOWN}",
    rf"\b{_ITALIAN}\s(?i:{_OF}){_CAP}(?:[a-zà-ù'.]+)(?:\s(?:{_CAP}[a-zà-ù'.]+|"
    rf"[IVX]+\b)){{0,3}},?\s(?:n\.?\s?)?\d{{1,4}}(?:/?[A-Za-z]\b)?"
    rf"(?!\d){_TIME_UNITS}{_ANY_TOWN}",
    r"CEP:?\s?\d{5}-?\d{3}|(?<![\w-])\d{5}-\d{3}(?![\w-])",
    rf"(?<![\w-])\d{{4}}-\d{{3}}\s{_CITY}",
)
_ANYWHERE = (rf"\b(?:{_CAPPED}\s){{1,4}}\d{{1,4}}[a-z]?,\s(?!(?:19|20)\d\d\b){_CODE}\s{_CAPPED}",)
"""Nowy \u015awiat 15, 00-029 Warszawa: no word for a street, but a postcode and a town after it."""
_NORTHERN = (
    rf"\b(?:{_CAPPED}\s){{0,2}}{_CAPPED}s\sgate\s{_NUMBER}{_ANY_TOWN}",
    rf"(?:\b{_CAPPED}\s)?\b[\w'-]{{2,30}}(?:{_DUTCH}|{_NORDIC})\s{_NUMBER}{_TIME_UNITS}{_ANY_TOWN}",
    rf"\b[1-9]\d{{3}}\s?[A-Z]{{2}}[\s,]{{1,2}}{_CAP}[a-z]{{2,}}(?:[ -]{_CAP}[a-z]+)?",
    rf"(?<![\w-])\d{{2}}-\d{{3}}\s{_CAP}[a-ząćęłńóśźż]{{2,}}",
)
_NORTHERN_ANY_CASE = (
    rf"(?<!\w)(?:(?:ul|al|pl|os)\.|(?:ulica|ulicy|aleja|"
    rf"osiedle)(?!\w))\s?(?:[\w'.-]{{2,30}}\s){{1,4}}\d{{1,4}}[a-z]?(?:\s?(?:/|m\.|"
    rf"lok\.)\s?\d{{1,4}})?{_ANY_TOWN}",
)
_HAN = r"(?![をはがにでへ到是在寄送])[\u3040-\u30ff\u4e00-\u9fff]"
_EASTERN = (
    r"〒\s?\d{3}-?\d{4}",
    rf"(?:{_HAN}){{1,20}}(?:[市区町村县區](?:{_HAN}){{0,14}}\s?\d{{1,4}}"
    r"(?:[-丁目番地号の]{1,3}\d{1,4}){0,3}[号番地室]{0,2}|[路街道巷弄]\s?\d{1,5}\s?[号號](?:\s?\d{1,4}\s?[室楼樓号])?)",
    r"(?:[\uac00-\ud7a3]{1,8}[시도구군동읍면]\s){0,3}[\uac00-\ud7a3]{1,10}[로길]\s?\d{1,4}(?:-\d{1,4})?(?!\d|\s?(?:분|일|년|개|"
    r"번|시간))",
    r"(?:شارع|רחוב|שדרות|רח')\s(?:[\w\"'.-]{2,30}[\s,]{1,2}){1,3}\d{1,4}",
)
_EASTERN_ANY_CASE = (
    r"(?:[\w.]{2,30}\s){1,3}(?:mah\.|mahallesi|sok\.|sokak|sokağı|sk\.|cad\.|caddesi|cd\.|bulvarı)"
    r"[\w\s.,:/]{0,60}?\bno\s?[:.]?\s?\d{1,4}(?:[\s/]{0,2}(?:d|daire)?\s?[:.]?\s?\d{1,4})?",
    r"(?<!\w)(?:ул\.|улица|улице|пр\.|пр-т|проспект|проспекте|пер\.|переулок|бульвар|шоссе|наб\.|набережная)\s?"
    r"(?:[\w.-]{2,30}[\s,]{1,2}){1,3}(?:д\.|дом)?\s?\d{1,4}(?:\s?[а-я])?(?!\w)(?:[\s,]{1,2}(?:кв\.|"
    r"квартира)\s?\d{1,4})?",
)


@cache
def patterns() -> tuple[re.Pattern[str], ...]:
    """All of them, compiled for the first text that has a digit."""
    exact = (*_ENGLISH, *_GERMAN, *_ROMANCE, *_ANYWHERE, *_NORTHERN, *_EASTERN)
    any_case = (*_ENGLISH_ANY_CASE, *_GERMAN_ANY_CASE, *_ROMANCE_ANY_CASE, *_NORTHERN_ANY_CASE, *_EASTERN_ANY_CASE)
    return (*map(re.compile, exact), *(re.compile(pattern, re.IGNORECASE) for pattern in any_case))
