"""What stands beside a street in an address, in any case of letters: flats, floors, districts, postcodes and towns."""

import re

# ruff: noqa: RUF001 - letters of other alphabets are meant as they are

_COMMON = frozenset(
    """
    a aadressile aber about actually adres adresa adresim adresine adresu after again ago ale all also an and any
    are around arrived as asap attention auch auf auftrag aus avec be bedankt been before bei ben bestellung bir
    bitte bor both but by bydlim bydlím call came can che cheers code com commande con could courier danke dans
    delivered dem den depuis der desde did die does driver dziękuję děkuji e each een ein eine einen elle en er es
    est et every fait for für gate gelmedi gets gli got graag gracias grazie great habe haben hace had has hat have
    he her here het him his ho how i i'm ich if ikke il import imported in inte into invoice ist it j ja je jsem
    just kan kargom kein keine kiitos leave love lovely lütfen ma maar maintenant mais many mas may me med men merci
    mersi mes met meu mfg mi mia mieszkam might mijn minha mio mis mit mitt model mon more most much must mutta my
    na naar nach nao ne never nicht nie niet no noch non not nous now nu number numer nur não o obrigada obrigado
    och od oder of off og on only onto or order orders ordine other otherwise ou our out over où package para parcel
    pas pedido pedig per pero please pls plz podeis por porfa potete pour pouvez prosze proszę prosím que qui really
    rechnung ref review reviews ring same sans says schon se second seit sem send sent serial shall she should si
    sie sin since sind sinds sir size się so some son sono sont still su svp ta tack tak takk than thank thanks that
    the their them then there theres these they this those thx ticket til till too took tracking um uma un una und
    une until up us use uz var vara ve very von vos votre vous vă w wann war we went were what when where which who
    why will wir wird with within without wo wohn wohne word words would y yes yet you your z zamówienie zonder zu
    zum zur är était διευθυνση а адрес адресу в дякую за и как когда на не но пожалуйста спасибо та це что
    """.split()  # noqa: SIM905 - a page of words is easier to read so
)
"""What sentences are made of in the languages that are looked for, and places are not."""
_CUES = frozenset({"address", "addy", "at", "from", "is", "it's", "its", "live", "near", "to", "was"})
"""Such words too, but after them somebody may be told to live."""
_MEASURES = frozenset(
    """
    abril agosto août april aprile august augustus avril baht cm czk dagar dage dagen day days december degrees
    dezember dias dicembre diciembre dkk dni dollar dollars décembre días enero eur euro euros febbraio febrero
    februar februari february ft février gb gennaio giorni giugno grad grados hour hours huf idr inr item items
    januar januari january janvier jours juillet juin juli julio july june juni junio kg km kr kč lei luglio maart
    maggio mah mai mal march mars marzo mayo mb mei mile miles min mins minute minutes ml mm month months märz nok
    november novembre noviembre october octobre octubre oktober ottobre pair pairs pcs people percent php piece
    pieces point points pound pounds rand rp rpm rs rupees sek september septembre septiembre settembre star stars
    stück tage thb thread time times tl uhr usd vnd watt watts week weeks wochen won x year years yen zl zł złotych
    грн руб
    """.split()  # noqa: SIM905 - as above
)
"""What is counted or measured, and months: the number before it is no house's."""
_NUMBERED = frozenset({"et", "no", "og", "th"})
"""Of these, what stands beside a digit is a part of an address."""
COMMON, CUE, MEASURE = "\ue001", "\ue002", "\ue003"
"""What stands for such words, letter by letter: no letters themselves."""
_MARKS = {word: mark for words, mark in ((_COMMON, COMMON), (_MEASURES, MEASURE), (_CUES, CUE)) for word in words}
_WORDS = re.compile(r"(?<![\w.])[^\W\d_][\w'’]*")
WORD = r"[^\W\d_](?:[\w'’-]|\.(?=\w)){0,24}"
_UNITS = (
    "apt|apartment|app|appt|appartement|apto|ap|unit|suite|ste|flat|floor|fl|room|rm|lot|blk|block|bldg|building|tower|level|"
    "villa|phase|plot|sector|lgh|whg|wohnung|top|bus|bte|boîte|bât|bat|bâtiment|esc|escalera|scala|int|interno|depto|dpto|depa|"
    "piso|pb|planta|puerta|pta|bloco|bl|casa|lok|m|kv|кв|квартира|корп|корпус|к|подъезд|под|этаж|під|дом|д|буд|daire|d|kat|k|"
    "no|nr|num|blok|byt|et|etaj|sc|jud|str|lejl|sp|col|rt|rw|דירה|קומה|כניסה|شقة|الطابق|طابق|فيلا|واحد|پلاک|"
    "pangsapuri|moo|dz|mailbox|box|site|ld"
)
_FLOORS = (
    "étage|etage|og|obergeschoss|stock|piso|planta|andar|th|tv|mf|sal|dcha|izq|izda|esq|dto|dta|kerros|"
    "подъезд|этаж|em|floor|fl|ld|ajtó|p"
)
UNIT = (
    rf"(?:(?:{_UNITS})(?!\w)\.?\s?[:#º°]?\s?(?:\d{{1,4}}(?:[-/]\d{{1,4}})?[a-z]?|[a-z]\d{{0,3}})(?!\w)|#\s?\d{{1,3}}(?:-\d{{1,4}})?|"
    rf"\d{{1,2}}(?:er|[eè]me|eme|[.ºª°oaretd]{{1,2}})?\s?(?:{_FLOORS})(?!\w)\.?(?:\s(?:links|rechts|left|right)\b)?|"
    r"\d{1,2}(?:\.?[oºª]|n|r)\s(?:[a-z]|\d[a-z])(?!\w)|"
    r"\d{1,4}\s?(?:동|호|층)(?:로)?|"
    r"(?:hinterhaus|vorderhaus|bajo|r/c(?:\s(?:dto|esq))?|[ivx]{1,4}\.?/\d{1,2}\.?|fszt\.?\s?\d{1,2})(?!\w)\.?)"
)
_OUTWARD = r"[a-z]{1,2}\d[a-z\d]?"
CODE = (
    rf"(?:{_OUTWARD}\s?\d[abd-hjlnp-uw-z]{{2}}|[a-z]\d[a-z]\s?\d[a-z]\d|[a-z]\d[\dw]\s?[a-z\d]{{4}}|"
    r"(?:[a-z]{1,3}-?)?\d{5,7}(?:-\d{3,4})?|\d{3}\s\d{2}|\d{2}-\d{3}|\d{3}-\d{4}|\d{4}-\d{3}|(?:[a-z]{1,2}-?)?\d{4}(?:\s?[a-z]{2})?)(?!\w)"
)
"""A postcode, as it is believed where a street stands before it."""
STATES = (
    "ak|ar|az|ca|ct|dc|fl|ga|ia|il|ks|ky|md|mi|mn|mo|ms|mt|nc|nd|ne|nh|nj|nm|nv|ny|pa|ri|sc|sd|tn|tx|ut|va|vt|wa|wi|wv|wy|"
    "nsw|vic|qld|tas|bc|qc|ns|nb|yuc|cdmx"
)
"""Of North America and Australia, as far as they are no words of their own."""
LABELLED = r"(?:(?:cep|cap|c\.?p\.?|zip|plz|postcode|postal code|τκ|тк|індекс|индекс|کدپستی)\s?:?\s?)"
_HERE = r"[\s,،、;.(/–-]{1,3}"
_EAST = (
    r"(?:(?:\d{1,5}(?:弄|号|號|室|楼|樓|棟|单元|單元|丁目|番地?)(?:之\d)?)+|[号號楼樓]\d{1,4}[室楼樓号號](?:之\d)?|[号號]?\d{1,2}[楼樓](?:之\d)?|"
    r"条[東西南北]?\d{1,3}丁目(?:\d{1,3}(?:-\d{1,3})*)?)"
)
_TOWN = (
    rf"(?:(?:{WORD}[\s,]{{1,2}})?{UNIT}|(?:{WORD}[\s,.()/-]{{1,3}}){{1,6}}?(?:{LABELLED}?{CODE}|(?:{STATES})(?!\w))|"
    rf"{LABELLED}?{CODE}(?:[\s,(]{{1,3}}{WORD}(?:\s(?:cedex|[a-zø]\b|(?-i:[A-ZÀ-Þ])\w+)){{0,2}})?)"
)
_LAST = r"(?-i:[A-ZÀ-ÖØ-ÞŁŚŻŹĆÇĞİŞ][\w'’-]{1,24}(?:[ -][A-ZÀ-ÖØ-ÞŁŚŻŹĆÇĞİŞ][\w'’-]{1,24}){0,2})"
_RIGHT = re.compile(rf"(?:{_HERE}{_TOWN}|{_EAST}){{1,6}}", re.IGNORECASE)
_CODE_LAST = re.compile(r"(?:\d[a-z]?|,)\s(?:(?:[a-z]{1,3}-)?\d{5}|\d{2}-\d{3})\Z", re.IGNORECASE)
_TOWN_LAST = re.compile(rf"[\s,]{{1,2}}{WORD}(?:\s(?-i:[A-ZÀ-Þ])\w+){{0,2}}", re.IGNORECASE)
_END = re.compile(rf",\s{_LAST}(?=\s?(?:[.,;!?)\n]|\Z|\s[{COMMON}{CUE}{MEASURE}]))", re.IGNORECASE)
_LEFT = re.compile(
    rf"(?<![\w.-])(?:{UNIT}[\s,/-]{{1,3}}(?:{WORD}[\s,]{{1,3}}){{0,3}}|\d{{1,4}}[a-z]?[,/-]\s?|[a-z]-?\d{{1,5}},\s){{1,2}}\Z",
    re.IGNORECASE,
)
BEFORE = 60
"""How many characters before a street belong to it at most."""


def masked(text: str) -> str:
    """The text with marks in place of its common words, letter by letter; `no. 12`, `3. OG` and `N.Y.` stay."""
    return _WORDS.sub(lambda word: _masked(word.group(), text[max(0, word.start() - 3) : word.end() + 3]), text)


def _masked(word: str, around: str) -> str:
    known = word.lower()
    if (known in _NUMBERED and any(map(str.isdigit, around))) or (len(word) == 1 and f"{word} " not in around):
        return word
    return _MARKS[known] * len(word) if known in _MARKS else word


def widened(text: str, start: int, end: int) -> tuple[int, int]:
    """Where an address begins and ends whose street, or a part of it, is at `start` to `end` of a masked text."""
    for follows in (_TOWN_LAST, _RIGHT, _TOWN_LAST, _END):
        if follows is not _TOWN_LAST or _CODE_LAST.search(text, start, end):
            found = follows.match(text, end)
            end = found.end() if found else end
    left = _LEFT.search(text[max(0, start - BEFORE) : start])
    return (start - len(left.group()) if left else start), end
