"""Postal addresses, by how streets, postcodes and boxes are written in the countries that shops commonly send to."""

import re
from collections.abc import Iterator

from shared.domain.personal.shadow import Span

_CAP = r"[A-ZÀ-ÖØ-ÞŁŚŻŹĆĘÓŃÇĞİŞÖÜ]"
_NAME = rf"{_CAP}[\w'.-]{{0,30}}"
_NUMBER = r"\d{1,5}(?:\s?[-/]\s?\d{1,5})?\s?(?:[A-Za-z](?![\w]))?"
_STREETS = (
    "street|str|st|road|rd|avenue|ave|av|lane|ln|drive|dr|boulevard|blvd|court|ct|close|way|place|pl|square|sq|terrace|ter|"
    "crescent|cres|highway|hwy|parkway|pkwy|gardens|gdns|grove|hill|mews|row|walk|quay|circle|cir|trail|trl|loop|alley|"
    "expressway|turnpike|pike|parade|esplanade|plaza|green|rise|view|wharf|broadway|heights|ridge|run|path"
)
_CERTAIN = "street|road|avenue|ave|lane|boulevard|blvd|crescent|terrace|parkway|highway|drive|court|gardens|rd|st"
_NOT_IN_STREET = (
    "the|a|an|of|on|in|to|down|from|up|my|your|our|his|her|their|this|that|is|was|were|are|be|been|it|i|we|you|they|and|or|but|for|with|at|"
    "by|as|so|than|per|minutes?|mins?|hours?|days?|weeks?|months?|years?|times?|miles?|km|feet|yards?|meters?|metres?|stars?|"
    "dollars?|euros?|pounds?|percent|people|persons?|pairs?|pieces?|inch(?:es)?|cm|mm|ml|kg|g|gb|sizes?|off|away|across|along|more|"
    "different|other|nd|rd|th|st|out|all|every|each|into|over|under|no|not|just|only|until|till|walk|drive|ride|blocks?|shops|stores|cars?"
)
_UNIT = r"(?:,?\s{0,2}(?:apt|apartment|unit|suite|ste|flat|floor|fl|room|rm|lot|bldg|building|#)[\s.#]{0,3}\w{1,6}\b)"
_STATES = (
    "AL|AK|AZ|AR|CA|CO|CT|DE|FL|GA|HI|ID|IL|IN|IA|KS|KY|LA|ME|MD|MA|MI|MN|MS|MO|MT|NE|NV|NH|NJ|NM|NY|NC|ND|OH|OK|OR|PA|"
    "RI|SC|SD|TN|TX|UT|VT|VA|WA|WV|WI|WY|DC|PR"
)
_STATE_NAMES = (
    "Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut|Delaware|Florida|Georgia|Hawaii|Idaho|Illinois|Indiana|"
    "Iowa|Kansas|Kentucky|Louisiana|Maine|Maryland|Massachusetts|Michigan|Minnesota|Mississippi|Missouri|Montana|Nebraska|"
    "Nevada|New Hampshire|New Jersey|New Mexico|New York|North Carolina|North Dakota|Ohio|Oklahoma|Oregon|Pennsylvania|"
    "Rhode Island|South Carolina|South Dakota|Tennessee|Texas|Utah|Vermont|Virginia|Washington|West Virginia|Wisconsin|Wyoming"
)
_UK_AREAS = (
    "AB|AL|B|BA|BB|BD|BH|BL|BN|BR|BS|BT|CA|CB|CF|CH|CM|CO|CR|CT|CV|CW|DA|DD|DE|DG|DH|DL|DN|DT|DY|E|EC|EH|EN|EX|FK|FY|G|GL|"
    "GU|GY|HA|HD|HG|HP|HR|HS|HU|HX|IG|IM|IP|IV|JE|KA|KT|KW|KY|L|LA|LD|LE|LL|LN|LS|LU|M|ME|MK|ML|N|NE|NG|NN|NP|NR|NW|OL|OX|"
    "PA|PE|PH|PL|PO|PR|RG|RH|RM|S|SA|SE|SG|SK|SL|SM|SN|SO|SP|SR|SS|ST|SW|SY|TA|TD|TF|TN|TQ|TR|TS|TW|UB|W|WA|WC|WD|WF|WN|WR|"
    "WS|WV|YO|ZE"
)
_POSTCODE = rf"(?:{_UK_AREAS})\d[\dA-Z]?\s?\d[ABD-HJLNP-UW-Z]{{2}}"
_PLACE = rf"(?:{_CAP}[\w'.-]+)(?:[ -]{_CAP}?[\w'.-]+){{0,3}}"
_ZIP_PLACE = rf"(?:[\s,]{{1,4}}(?:[A-Z]{{1,3}}-)?(?:\d{{5}}(?:-\d{{3,4}})?|\d{{4}}(?:-\d{{3}}|\s?[A-Z]{{2}}\b)?|\d{{2}}-\d{{3}}|\d{{3}}\s\d{{2}})(?:[\s,]{{1,3}}{_CAP}[\w'.-]+(?:[ -]{_CAP}[\w'.-]+){{0,2}})?)"
"""A postcode of the continent and its town, after a street."""
_TOWN = rf"(?:[\s,]{{1,3}}(?:{_PLACE}[\s,]{{1,3}}){{0,3}}(?:(?:{_STATES})[\s,]{{1,2}}\d{{5}}(?:-\d{{4}})?|(?:{_STATE_NAMES})(?:[\s,]{{1,2}}\d{{5}})?|(?:{_STATES})\b|{_POSTCODE}|[A-Z]\d[A-Z]\s?\d[A-Z]\d|(?:NSW|VIC|QLD|WA|SA|TAS|ACT|NT)\s\d{{4}}))"
_AFTER = rf"(?:{_UNIT})?(?:{_TOWN}|{_ZIP_PLACE})?"

_PATTERNS = tuple(
    re.compile(pattern, flags)
    for pattern, flags in (
        # 12 High Street, Flat 3; 1600 Pennsylvania Ave NW, Washington, DC 20500
        (rf"(?:{_UNIT}[\s,]{{1,3}})?(?<![\w.,/$€£-])\d{{1,5}}[A-Za-z]?,?\s(?:[NSEW]\.?\s|(?:North|South|East|West)\s)?"
         rf"(?:{_CAP}[\w'.-]{{0,30}}\s|\d{{1,3}}(?:st|nd|rd|th)\s){{1,4}}(?:{_STREETS.title().replace('|', '|')})\b\.?(?:\s[NSEW][NSEW]?\b)?{_AFTER}", 0),
        (rf"(?:{_UNIT}[\s,]{{1,3}})?(?<![\w.,/$€£-])\d{{1,5}}[a-z]?,?\s(?:(?!(?:{_NOT_IN_STREET})\b)[\w'.-]{{1,30}}\s){{1,3}}(?:{_CERTAIN})\b\.?{_AFTER}", re.IGNORECASE),
        (rf"(?<![\w-]){_POSTCODE}(?![\w-])", 0),
        (rf"(?<![\w-])(?:{_UK_AREAS})\d[\da-z]?\s\d[abd-hjlnp-uw-z]{{2}}(?![\w-])", re.IGNORECASE),
        (rf"(?:{_CAP}[\w'.-]+[ ]){{0,2}}{_CAP}[\w'.-]+,?\s(?:{_STATES}),?\s\d{{5}}(?:-\d{{4}})?(?!\d)", 0),
        (rf"(?:{_CAP}[\w'.-]+,?\s)?\b(?:{_STATE_NAMES}),?\s\d{{5}}(?:-\d{{4}})?(?!\d)", 0),
        # Canada: K1A 0B1
        (r"(?<![\w-])[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z]\s?\d[ABCEGHJ-NPRSTV-Z]\d(?![\w-])", 0),
        # boxes
        (rf"\b(?:p\.?\s?o\.?\s?box|post\s?office\s?box|postfach|postbus|bo[iî]te postale|apartado(?:\s(?:de correos|postal))?|casella postale|"
         rf"caixa postal|skrytka pocztowa|postboks|box)\s{{0,2}}(?:#|no\.?|nr\.?|n[º°]\.?)?\s?(?<![bB]ox\s)\d[\d ]{{0,8}}\d?{_ZIP_PLACE}?", re.IGNORECASE),
        (rf"\b(?:p\.?\s?o\.?\s?|post\s?office\s)box\s{{0,2}}(?:#|no\.?)?\s?\d{{1,6}}{_AFTER}", re.IGNORECASE),
        # Hauptstraße 12, 10115 Berlin
        (rf"(?:\b{_CAP}[\w.-]{{1,30}}[ -]){{0,3}}\b\w{{2,30}}(?:straße|strasse|str\.|gasse|allee|chaussee|promenade)\s{{0,2}}{_NUMBER}{_ZIP_PLACE}?", re.IGNORECASE),
        (rf"(?:\b{_CAP}[\w.-]{{1,30}}[ -]){{0,3}}\b{_CAP}\w{{2,30}}(?:str|platz|weg|ring|ufer|damm|steig|stieg|markt|graben|kai|zeile)\s{{1,2}}{_NUMBER}{_ZIP_PLACE}?", 0),
        (rf"\b(?:{_CAP}[\w.-]{{1,30}}\s){{1,3}}(?:Straße|Strasse|Str\.|Allee|Gasse|Weg|Platz|Ring|Ufer|Damm|Markt)\s{{1,2}}{_NUMBER}{_ZIP_PLACE}?", 0),
        (rf"\bStraße\sde[rs]\s[\w. ]{{3,30}}?\s\d{{1,4}}[a-z]?\b(?!\.){_ZIP_PLACE}?", 0),
        (rf"\b(?:Am|An der|An den|Auf dem|Auf der|Im|In der|In den|Zum|Zur|Unter den|Hinter der|Hinter dem|Beim)\s{_CAP}\w{{2,30}}\s{_NUMBER}{_ZIP_PLACE}", 0),
        (rf"(?<!\w)(?:D|A|CH|DE|AT|F|L|B|NL|I|E|PL)-\d{{4,5}}\s{_PLACE}", 0),
        # 12 bis, rue de la Paix, 75002 Paris
        (rf"(?<![\w.,/$€£-])\d{{1,4}}\s?(?:bis|ter|quater|[A-D])?,?\s(?:rue|avenue|av\.|boulevard|bd\.?|place|chemin|impasse|all[ée]e|quai|cours|route|square|"
         rf"passage|faubourg|voie|ruelle|rond-point)\s(?:(?:de la|de l'|de|du|des|d'|le|la|les|aux?|en|sur)\s?){{0,2}}[\w'.-]{{2,30}}(?:[ -]{_CAP}[\w'.-]+){{0,4}}{_ZIP_PLACE}?", re.IGNORECASE),
        # Calle Mayor, 5, 28013 Madrid
        (rf"(?<!\w)(?:calle|c/|avenida|avda\.?|av\.|plaza|pza\.?|paseo|p[ºo]\.|carrer|ronda|camino|traves[ií]a|carretera|ctra\.?|rua|r\.|travessa|pra[çc]a|"
         rf"alameda|estrada|rodovia|largo)\s?(?:(?:de la|de los|de las|de l'|del|de|do|da|dos|das|d'|la|el|las|los)\s?){{0,2}}[\w'.-]{{2,30}}(?:\s(?!\d)[\w'.-]{{1,30}}){{0,5}},?\s"
         rf"(?:n[.º°ouú]{{0,3}}mero\s|n[º°o]?\.?\s?)?\d{{1,5}}(?!\d)(?:[\s,]{{1,3}}\d{{1,2}}[º°ªo]\s?\w{{0,4}})?{_ZIP_PLACE}?", re.IGNORECASE),
        # Via Roma 12, 00184 Roma
        (rf"\b(?:[Vv]iale|VIALE|[Pp]iazza|PIAZZA|[Pp]iazzale|[Cc]orso|[Vv]icolo|[Ll]argo|P\.zza|V\.le|[Vv]ia)\s(?:(?:[Dd]ella|[Dd]elle|[Dd]ei|[Dd]egli|[Dd]ello|[Dd]el|[Dd]i|[Dd]a|[Dd]ell'|[Dd]'|"
         rf"[IVX]+)\s?)?{_CAP}(?:[a-zà-ù'.]+)(?:\s{_CAP}[a-zà-ù'.]+){{0,3}},?\s(?:n\.?\s?)?\d{{1,4}}(?:/?[A-Za-z]\b)?(?!\s?(?:days?|weeks?|hours?|times?|minutes?|years?|months?)\b)(?!\d){_ZIP_PLACE}?", 0),
        # Kerkstraat 12, 1017 GA Amsterdam; Storgatan 5
        (rf"\b{_CAP}?[\w'-]{{2,30}}(?:straat|laan|gracht|plein|kade|singel|dijk|dreef|steeg|gatan|vägen|gata|veien|vegen|vei|vejen|vej|gade|gaden|stræde|katu|tie)\s{_NUMBER}{_ZIP_PLACE}?", 0),
        (rf"\b[1-9]\d{{3}}\s?[A-Z]{{2}}[\s,]{{1,2}}{_CAP}[a-z]{{2,}}(?:[ -]{_CAP}[a-z]+)?", 0),
        # ul. Długa 5/3, 00-238 Warszawa
        (rf"(?<!\w)(?:ul|al|pl|os)\.\s?(?:[\w'.-]{{2,30}}\s){{1,4}}\d{{1,4}}[a-z]?(?:\s?(?:/|m\.|lok\.)\s?\d{{1,4}})?{_ZIP_PLACE}?", re.IGNORECASE),
        (rf"(?<![\w-])\d{{2}}-\d{{3}}\s{_CAP}[a-ząćęłńóśźż]{{2,}}", 0),
        # Brazil, Portugal and Japan: 01310-100, 1000-001 Lisboa, 〒100-0001
        (rf"(?:CEP:?\s?\d{{5}}-?\d{{3}}|(?<![\w-])\d{{5}}-\d{{3}}(?![\w-])|(?<![\w-])\d{{4}}-\d{{3}}\s{_CAP}[a-zç-õ]{{2,}})", 0),
        (r"〒\s?\d{3}-?\d{4}", 0),
        (r"(?:[\u4e00-\u9fff]{1,4}[都道府県省市])?[\u3040-\u30ff\u4e00-\u9fff]{1,12}(?:[市区町村县區][\u3040-\u30ff\u4e00-\u9fff]{0,14}\s?\d{1,4}(?:[-丁目番地号の]{1,3}\d{1,4}){0,3}[号番地室]{0,2}|"
         r"(?:路|街|道|巷|弄|大街)\s?\d{1,5}\s?[号號](?:\s?\d{1,4}\s?[室楼樓号])?)", 0),
        (r"[\uac00-\ud7a3]{1,10}(?:로|길)\s?\d{1,4}(?:-\d{1,4})?(?=[\s,.]|\Z)(?!\s?(?:분|일|년|개))", 0),
        # Turkey, Russia, Arabic, Hebrew
        (r"(?:[\w.]{2,30}\s){1,3}(?:mah\.|mahallesi|sok\.|soka[kğ]ı?|sk\.|cad\.|caddesi|cd\.|bulvarı)[\w\s.,:/]{0,60}?\bno\s?[:.]?\s?\d{1,4}(?:[\s/]{0,2}(?:d|daire)?\s?[:.]?\s?\d{1,4})?", re.IGNORECASE),
        (r"(?<!\w)(?:ул\.|улица|улице|пр\.|пр-т|проспект|проспекте|пер\.|переулок|бульвар|шоссе|наб\.|набережная)\s?(?:[\w.-]{2,30}[\s,]{1,2}){1,3}(?:д\.|дом)?\s?\d{1,4}\s?[а-я]?(?!\w)"
         r"(?:[\s,]{1,2}(?:кв\.|квартира)\s?\d{1,4})?", re.IGNORECASE),
        (r"(?:شارع|رحوب|רחוב|שדרות|רח')\s(?:[\w\"'.-]{2,30}[\s,]{1,2}){1,3}\d{1,4}", 0),
    )
)  # fmt: skip
_TOLD = re.compile(
    r"\b(?:my (?:home |new |shipping |delivery |postal |billing )?address(?: is|:)|i live (?:at|in no\.?)|ship(?:ped)? (?:it )?to:|deliver(?:ed)? (?:it )?to:|"
    r"(?:home |shipping |delivery |postal |billing )?address ?:|adresse ?:|anschrift ?:|direcci[oó]n ?:|indirizzo ?:|endere[cç]o ?:|adres ?:|адрес ?:|"
    r"meine adresse(?: ist|:)|ich wohne (?:in der|im|am)|mon adresse est|j'habite(?: au)?|mi direcci[oó]n es|vivo en (?:la )?|abito in|住所[::]?は?|地址[::]?是?)\s?"
    r"(?P<told>(?=[^\n]{0,60}\d)[^\n!?;]{4,100})",
    re.IGNORECASE,
)
_NOT_TOLD = re.compile(
    r"[.]\s(?=[A-Z])|,\s(?:but|and|so|please|which|aber|und|mais|et|pero)\b|\s(?:but|please|because|and (?:it|the|i|my))\b",
    re.IGNORECASE,
)


def addresses(text: str) -> Iterator[Span]:
    """Every postal address, from its street to its town as far as they are written in order."""
    for pattern in _PATTERNS:
        yield from (Span(*match.span(), "address") for match in pattern.finditer(text))
    for match in _TOLD.finditer(text):
        start = match.start("told")
        end = _NOT_TOLD.search(text, start, match.end())
        told = text[start : end.start() if end else match.end()]
        if re.search(r"\d", told) and not re.match(r"(?i)https?:|www\.|\S+@", told):
            yield Span(start, start + len(told.rstrip(" .,")), "address")
