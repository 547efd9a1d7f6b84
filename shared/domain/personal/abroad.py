"""Addresses as they are typed in a hurry, and as they are written where streets have other words or none.

No capital letter is needed here, so more has to stand together: a word for a street and a number, a list that ends in
a postcode, or a word that says that somebody lives there. They are searched in masked texts (`parts.masked`).
"""

import re
from functools import cache

from shared.domain.personal.parts import CODE, CUE, LABELLED, MEASURE, STATES, UNIT, WORD

# ruff: noqa: RUF001 - letters of other alphabets are meant as they are

_NOT_AFTER = r"(?<![\w.,/$€£#-])"
_START = r"(?<![\w.-])"
_UNMEASURED = rf"(?!\w|[.,:/]\d|\s?(?:[%€$£°{MEASURE}]|[x×]\s?\d|m(?!\w)))"
_NUMBER = (
    r"(?:n\.?o|no|nr|num|č\.?p|n|númer\w|número|№|д|буд|дом)?[.:º°]{0,2}\s?\d{1,4}(?:[/-]\d{1,4}){0,2}\s?"
    rf"(?:[a-z](?!\w)(?:\s\d{{1,3}}(?!\d))?)?{_UNMEASURED}"
)
_OF = (
    r"(?:(?:de|del|della|delle|dei|degli|dello|di|da|do|das|dos|du|des|la|las|los|les|le|el|al|lui|st)\s|"
    r"d[’']|l[’']){0,2}"
)
_NAME = rf"{_OF}(?:{WORD}|\d{{1,3}}(?:[/-]\d{{1,3}})?)(?: {_OF}{WORD}){{0,3}}"
_BEFORE_NAME = (
    "jl|jln|jalan|lorong|soi|leof|odos|λεωφ|λεωφόρος|λεωφόρου|οδός|οδο|οδού|вул|вулиця|вулиці|просп|пров|провулок|vul|"
    "prosp|rehov|rechov|sderot|aleea|calea|strada|bulevardul|bd|blvd|pasaje|privada|carrera|cra|carrer|travessa|"
    "alameda|viale|corso|c\\.so|v\\.le|piazza|vicolo|ulica|ulici|obala|avda|avenida|rue|boulevard|chemin|impasse|"
    "all[ée]e|résidence|quadra|calle|rua|av|str|ul"
)
_AFTER_NAME = (
    r"utca|utcában|u\.|út|tér|körút|sok\.|sokak|sk\.|cad\.|caddesi|tänav|tn|pst|mnt|pr\.|g\.|gatvė|iela|ulica|ulici"
)
_LIKELY = (
    "street|str|st|road|rd|avenue|ave|lane|ln|drive|dr|court|crt|ct|close|cl|way|place|pl|view|hill|square|sq|grove|"
    "rise|green|park|row|walk|mews|gardens|gdns|terrace|tce|crescent|cres|pde|parade|quay|bend|pkwy|parkway|vale|"
    "meadows?|heights|bank|cottages|villas|lawns?|glen|boulevard|blvd|highway|hwy|extension"
)
_NOT_A_STREET = (
    r"(?:[a-z]+ly|nice|new|old|good|great|different|other|big|small|long|short|wide|ways?|cars?|main|high|own|first|"
    r"third|last|next|hard|disk|usb|test|pack|set|bags?|box|boxes|block|inch|inches|feet|ft|foot|side|person|man|woman|"
    r"kids?)\b"
)
_TYPED = (
    rf"{_NOT_AFTER}\d{{1,5}}(?:[/-]\d{{1,4}})?[a-z]?,?\s(?:(?:[nsew]|st)\s)?(?:(?!{_NOT_A_STREET}){WORD}\s){{1,3}}"
    rf"(?:{_LIKELY})(?!\w)\.?"
)
"""Words that may be a street in English, after a number."""
_SAFE_CODE = (
    rf"(?:(?:[a-z]{{1,3}}-?)?\d{{5,7}}|\d{{3}}\s\d{{2}}|\d{{2}}-\d{{3}}|\d{{3}}-\d{{4}}|\d{{4}}-\d{{3}})"
    rf"(?![\w,.]?\d){_UNMEASURED}"
)
_FOUR = r"(?!19|20)\d{4}(?:\s[a-z]{2})?"
_COMPOUND = (
    r"[\w-]{2,20}(?:str|straße|strasse|weg|platz|gasse|plein|laan|straat|vej|gate|gade|gatan|vägen|veien|ring|ufer)"
)
_UNITS = rf"(?:[\s,]{{1,3}}{UNIT})"
_LED = r"(?:h\.?\s?no|no|flat|unit|room|rm|lot|blk|block|plot|villa|apt|floor)"
_LISTED = rf"(?:{WORD}\.?|\d{{1,4}}(?:st|nd|rd|th|[/-]\d{{1,4}}|-[a-z]+|[a-z])?)"
_PROVINCE = r"(?:ab|bc|mb|nb|ns|nt|nu|qc|sk|yt|nl|pe)"

_LATIN = (
    rf"(?<![\w-])(?:{_BEFORE_NAME})(?!\w)\.?\s{{0,2}}{_NAME}[\s,]{{1,2}}{_NUMBER}",
    rf"(?<![\w-])(?:{WORD}\s)?{WORD}\s(?:{_AFTER_NAME})\s?{_NUMBER}",
    rf"(?<![\w-]){CODE}\s{WORD},\s(?:{WORD}\.?\s){{1,3}}(?:{_AFTER_NAME})\s?{_NUMBER}",
    rf"{_NOT_AFTER}\d{{1,4}}[a-z]?,?\s(?:jalan|jln|jl|lorong)\.?\s{WORD}(?:\s{WORD})?(?:\s\d{{1,3}}(?:/\d{{1,3}})?)?",
    rf"{_NOT_AFTER}\d{{1,4}}(?:-\d{{1,3}})?,?\s[a-z]{{2,15}}-(?:daero|ro|gil)(?:\s\d{{1,3}}(?:beon)?-gil)?(?!\w)",
    rf"(?<={CUE}\s){_TYPED}",
    rf"{_TYPED}(?=,?\s(?:{UNIT}|(?:{WORD}[\s,]{{1,2}}){{0,3}}{CODE}|{WORD}(?:\s{WORD})?[.,]))",
    rf"{_START}(?:{WORD}\s)?{WORD}\s{_NUMBER}{_UNITS}{{0,3}}(?:,\s?|\s{LABELLED}){_SAFE_CODE}\s{WORD}",
    rf"{_START}(?:{WORD}\s)?{WORD}\s{_NUMBER}{_UNITS}{{0,3}},\s?{_FOUR}\s(?-i:[A-ZÀ-Þ])\w+",
    rf"{_START}{_COMPOUND}\.?\s{_NUMBER}{_UNITS}{{0,3}},?\s{_FOUR}\s{WORD}",
    rf"{_START}(?:{WORD}\s)?{WORD}\s{_NUMBER}{_UNITS}{{1,3}}[\s,]{{1,2}}(?:{WORD}\s){{0,2}}{_SAFE_CODE}",
    rf"{_START}{_LED}\.?\s?[#:]?\s?(?=[\w/-]{{0,6}}\d)[\w/-]{{1,7}}(?:,?\s{_LISTED}){{1,12}}[\s,-]{{1,3}}{_SAFE_CODE}",
    rf"{_START}(?:[a-z]-?\d{{1,5}}|\d{{1,4}}[/-]\d{{1,4}}(?:[/-]\d{{1,4}})?[a-z]?)(?:,?\s{_LISTED}){{2,9}}[\s,-]{{1,3}}"
    rf"{_SAFE_CODE}",
    rf"{_START}\d{{1,4}}/\d{{1,4}}[a-z]?\s{WORD}(?:\s{WORD}){{0,3}}(?:,\s(?:p|q|quận|phường)\.?\s?\d{{1,2}})+(?:,\s{WORD})?",
    r"(?<!\w)(?:số|ngõ|hẻm|ngách)\s\d{1,4}[a-z]?,?\s(?:(?:ngõ|hẻm|ngách)\s\d{1,4},?\s)?(?:đường|phố)\s[\w ]{2,30}"
    r"(?:,\s[\w ]{2,20}){0,3}",
    rf"(?<![\w-])(?:{WORD}[ ,]{{1,2}})?(?:{STATES}),?\s\d{{5}}(?:-\d{{4}})?(?!-){_UNMEASURED}",
    r"(?<!\w)(?:[a-z]+\s)?(?:nsw|vic|qld|tas|act)\s\d{4}(?!\w)",
    rf"(?<![\w-])(?:{WORD},?\s)?(?:{_PROVINCE}\s)?[abceghj-nprstvxy]\d[a-z]\s\d[a-z]\d(?![\w-])",
    r"(?<![\w-])[ac-fhknprtv-y]\d[\dw]\s(?=\d{0,2}[a-z])(?=[a-z]{0,2}\d)(?![a-z]\d{3})[ac-fhknprtv-y\d]{4}(?![\w-])",
)
_OTHERS = (
    rf"(?<!\w)(?:οδός|οδού|οδο|λεωφ\.?|στη[νς]?|στο[νυ]?)\s{WORD}(?:\s{WORD})?\s\d{{1,3}},\s{WORD}",
    r"(?:[\u0600-\u06ff]{2,15}،\s)?خیابان\s[^\d\n]{2,60}پلاک\s?\d{1,4}",
    r"حي\s[\u0600-\u06ff]{2,15}(?:\s[\u0600-\u06ff]{2,15})?،\sشارع\s\d{1,4}",
    r"شارع\s[\u0600-\u06ff ]{2,30}،\s(?:بناية|عمارة)\s[\u0600-\u06ff ]{2,30}(?:،\sالطابق\s\d{1,3})?",
    r"मकान\s[^\n]{3,80}?\d{6}(?!\d)",
    r"(?<!\d)\d{1,4}(?:/\d{1,4})?\s(?=[^\n]{0,60}(?:หมู่|ซ\.|ซอย|ถ\.|ถนน|ต\.|ตำบล|แขวง|เขต|อ\.))[\u0e00-\u0e7f.\s\d]{5,90}?\s\d{5}(?!\d)",
)
"""In other alphabets."""


@cache
def patterns() -> tuple[re.Pattern[str], ...]:
    """All of them, compiled for the first text that has a digit."""
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in (*_LATIN, *_OTHERS))
