"""Fixed phrases that say other than their words, and which plain word each is read as.

Who cannot recommend a shop enough recommends it, and who says not to waste money does not praise: a negation that
reaches `recommend` or `waste` would turn either round. Terms, ratings and encoder alike read the plain word.
"""

import re
from collections import defaultdict
from functools import cache
from typing import NamedTuple

PRAISE, FINE, AWFUL, STRONGLY = "great", "good", "awful", "very"

_CANNOT = "can't cant cannot couldn't couldnt can_not could_not"
_DO_NOT = "don't dont do_not"
_LOOKS_NOT = "doesn't doesnt does_not didn't didnt did_not don't dont do_not"
_WOULD_NOT = "wouldn't wouldnt would_not won't wont will_not never"
_BETTER = "better nicer easier sturdier prettier comfier tastier smoother kinder friendlier"
_END = r"(?= *(?:[.!?,;)\n]|$))"
_ALL = r"(?:(?:all|any|every|even|my|our|his|her|their|your|the|of|high|highest|wildest|already) )*"
_ELSE = r"(?:any|no) ?(?:one|body|thing|where) else\b(?! (?:from|here|at|with|in))"
_OTHER = r"(?:another|any other|other|different) (?:brand|make|company|shop|store|place|kind|salon|dentist|hotel)s?\b"
_EXPECTED = (
    r"(?:(?:i|we|i'd|we'd|had|was|anyone|originally|ever) )*(?:expected|expecting|hoped|imagined|thought|anticipated|"
    r"feared|advertised|described|promised|(?:in )?the (?:photos?|pictures?|description))\b"
)
_ILLS = (
    "pain|ache|stain|smell|odou?r|headache|itch|itching|rash|acne|noise|weed|bug|flea|mosquito|squeak|leak|frizz|"
    "snoring"
)
_TROUBLE = rf"(?:\w+ ){{0,3}}?(?:problem|issue|{_ILLS})s?\b"
GOOD = (
    "good|great|nice|lovely|perfect|excellent|amazing|awesome|wonderful|fantastic|brilliant|beautiful|gorgeous|"
    "stunning|pretty|cute|promising|comfortable|delicious|helpful|ideal"
)
"""What things are called that please, as a pattern."""
_GOOD_WORDS = GOOD.replace("|", " ")
_SOON = (
    r"(?:at once|straight away|right away|immediately|instantly|promptly|quickly|the (?:same|next) day|"
    r"within (?:\w+ )?(?:hours?|days?)|free of charge|without (?:any |a )?(?:fuss|question|quibble|hesitation)s?)\b"
)

_TABLE = (
    # Who can not do enough of it, stop it or better it.
    (_CANNOT, r" say enough\b(?: (?:good|great|nice)(?: things)?)?(?: about)?", PRAISE),
    (_CANNOT, rf" (?:get|have) enough(?: of\b|{_END})", PRAISE),
    (
        _CANNOT,
        r" (?:\w+ )?(?:recommend|praise|thank|rave about)(?: (?!because|since|if|as|is|was|not)\w+){0,5}? enough\b",
        PRAISE,
    ),
    (_CANNOT, r" (?:recommend|praise)(?: \w+){1,3}? (?:more|higher)\b", PRAISE),
    (_CANNOT, r" put (?:it|them|this|this one|the book|my book) down\b", PRAISE),
    (
        _CANNOT,
        r" (?:stop|quit) (?:wearing|eating|using|listening|playing|watching|smiling|reading|raving|staring)\b",
        PRAISE,
    ),
    (_CANNOT, r" (?:be )?(?:beat|beaten|topped|top)\b", PRAISE),
    (
        _CANNOT,
        r" (?:be|have been) (?:any )?"
        r"(?:easier|simpler|kinder|friendlier|more (?:pleased|satisfied|impressed|thrilled|helpful|delighted))\b",
        PRAISE,
    ),
    (_CANNOT, r" sing (?:\w+ )?praises? (?:highly |loud )?enough\b", PRAISE),
    (_CANNOT, r" ask for (?:\w+ )?(?:more|better)\b", PRAISE),
    (_DO_NOT, r" (?:think twice|hesitate)\b", PRAISE),
    (
        _WOULD_NOT,
        r" (?:\w+ )?(?:buy|buying|use|using|go|going|shop|order|look|trust|stay|choose|want|try)"
        rf"(?: (?:from|to|at|with|for))* (?:{_ELSE}|{_OTHER})",
        PRAISE,
    ),
    ("never", r" (?:going|go|went) back to (?:my|the|our|any) (?:old|other|previous)\b", PRAISE),
    (
        "wish wished",
        r" (?:i|we|i'd|we'd)(?: had|'ve)? (?:bought|found|discovered|gotten|got|tried|ordered|known about|purchased)"
        r"(?: \w+){0,3}? (?:sooner|earlier|years ago|ages ago|long ago|in every colou?r)\b",
        PRAISE,
    ),
    ("why", r" (?:didn't|did not|didnt) (?:i|we) (?:\w+ ){1,3}?(?:sooner|earlier|before|years ago)\b", PRAISE),
    (
        "should should've",
        r" (?:have )?(?:bought|ordered|gotten|got) (?:two|three|a second|\w+ (?:sooner|earlier))\b",
        PRAISE,
    ),
    (
        "already",
        r" (?:ordered|bought|ordering|booked|planning) (?:another|a second|two more|our next|my next)\b",
        PRAISE,
    ),
    # Praise by a figure of speech.
    ("exceed exceeds exceeded exceeding surpassed", rf" {_ALL}(?:expectations?|hopes)\b", PRAISE),
    ("beyond above", rf" {_ALL}(?:expectations?|imagination)\b", PRAISE),
    ("above", r" and beyond\b", PRAISE),
    ("look", r" no (?:further|farther)\b", PRAISE),
    ("second", r" to none\b", PRAISE),
    ("nothing", r" but (?:praise|love|good things|compliments|the best|respect)\b", PRAISE),
    ("ticks ticked tick checks checked", r" (?:off )?(?:all|every)(?: of)?(?: (?:the|my|our))? box(?:es)?\b", PRAISE),
    ("hit hits hitting", r" the spot\b", PRAISE),
    ("game life time", r"[- ](?:changer|saver)\b", PRAISE),
    ("lifesaver gamechanger faultless flawless unbeatable obsessed", "", PRAISE),
    ("holy", r" grail\b", PRAISE),
    ("chef's chefs", r" kiss\b", PRAISE),
    ("the", rf" bomb\b{_END}", PRAISE),
    ("hell", r" (?:yes|yeah)\b", PRAISE),
    ("an a", r" (?:absolute |real |total |definite |true )?must[- ](?:have|buy|see|read|try|visit|own)\b", PRAISE),
    ("an a", rf" (?:absolute |real |total |definite |true )?must(?: for \w+(?: \w+)?)?{_END}", PRAISE),
    ("must", rf"[ -](?:have|buy|see|read|try|visit|own){_END}", PRAISE),
    ("to", r" die for\b", PRAISE),
    ("blew blows blown", r" (?:me |us |him |her |everyone )?away\b", PRAISE),
    ("blew blows blown", r" my mind\b", PRAISE),
    ("knocked knocks", r" (?:it (?:right )?out of the park|(?:my|our) socks off)\b", PRAISE),
    ("took takes", r" (?:my|our) breath away\b", PRAISE),
    ("hats hat", r" off to\b", PRAISE),
    ("hidden", r" gem\b", PRAISE),
    ("over", r" the moon\b", PRAISE),
    ("bee's bees", r" knees\b", PRAISE),
    ("chuffed tickled", r" (?:pink|to bits|to pieces)\b", PRAISE),
    ("melts melt", r" in (?:your|my|the) mouth\b", PRAISE),
    ("bent bend bends", r" over backwards?\b", PRAISE),
    ("slept sleep sleeps sleeping", r" like (?:a|the) (?:baby|log|dream|king|queen)\b", PRAISE),
    ("runs ran works worked drives fits cuts", r" like (?:a|the) (?:dream|charm|glove|champ|butter)\b", PRAISE),
    ("built", r" like a tank\b", PRAISE),
    ("lasts lasted", r" (?:for (?:days|weeks|months|years|ages)|forever|all day)\b", PRAISE),
    ("run", r",? (?:don't|do not) walk\b", PRAISE),
    ("like", r" no other\b", PRAISE),
    ("on", rf" (?:point|fleek){_END}", PRAISE),
    ("goes go went gone", r" (?:nuts|crazy|wild|mad|bonkers) (?:for|over)\b", PRAISE),
    ("hard", r" pressed to find (?:a |an |any )?(?:\w+ )?(?:better|nicer|finer)\b", PRAISE),
    ("doesn't doesnt does_not don't didn't did_not", r" get (?:any |much )?better\b", PRAISE),
    ("doesn't doesnt does_not don't didn't did_not", r" do (?:it|them|this) justice\b", PRAISE),
    ("never", r" (?:once )?(?:lets?|letting|failed) (?:me|us|you) (?:down|yet)\b", PRAISE),
    ("yet", r" to (?:let (?:me|us) down|disappoint|fail)\b", PRAISE),
    ("wouldn't wouldnt would_not", r" (?:trade|swap|change) (?:it|them|this|him|her) for\b", PRAISE),
    ("no", r" questions asked\b", FINE),
    ("not", r" a penny (?:more|over)\b", FINE),
    ("top", r"[- ]notch\b", PRAISE),
    ("spot", r"[- ]on\b(?! (?:the|my|it|this|one))", PRAISE),
    # As it was to be, or better.
    (_BETTER, rf" than {_EXPECTED}", FINE),
    ("much far way even so", rf" (?:much |far )?(?:{'|'.join(_BETTER.split())}) than {_EXPECTED}", FINE),
    (
        "works worked work does did do performs fits arrived came everything exactly just",
        r" (?:exactly |just |perfectly )?(?:as|what) (?:it (?:says|said|should|claims|promises)|described|advertised|"
        r"expected|promised|intended)\b(?: on the (?:tin|box))?",
        FINE,
    ),
    ("arrived came delivered", rf" (?:much |even |far )?(?:earlier|sooner|faster|quicker) than {_EXPECTED}", FINE),
    ("as", rf" (?:described|advertised|promised){_END}", FINE),
    ("does did do doing", r" (?:the|its) (?:job|trick)\b", FINE),
    ("gets got get", r" (?:the|its) job done\b", FINE),
    (
        "will would i'll we'll i'd we'd",
        r" (?:(?:i|we|definitely|certainly|absolutely|be|gladly|happily|totally) )*"
        r"(?:buy|buying|order|ordering|come|coming|stay|shop|use|using|visit|visiting|eat|book|purchase|back)"
        r"(?: (?:from|here|this|these|them|it|at|with|there|the|seller|shop|store))* (?:again|back)\b",
        FINE,
    ),
    ("looks look looked works work worked good", r" (?:just |good |almost )*(?:like|as) (?:brand )?new\b", FINE),
    ("solved solves fixed fixes cured cures resolved eliminated eliminates relieved relieves", f" {_TROUBLE}", FINE),
    ("got gets get", rf" rid of {_TROUBLE}", FINE),
    ("killed kills removed removes stopped stops", rf" (?:\w+ ){{0,3}}?(?:{_ILLS})(?:s|es)?\b", FINE),
    ("no", rf" more (?:\w+ )?(?:{_ILLS})(?:s|y)?\b", FINE),
    (
        "pain pains ache aches itch itching rash acne smell stain stains noise headaches problem problems issue issues",
        r" (?:is|are|was|were|has|have) (?:\w+ )?(?:gone|vanished|disappeared|cleared(?: up)?)\b",
        FINE,
    ),
    (
        "problem problems issue issues mistake error mix-up",
        r" (?:was|were|got|is|has been|have been) (?:(?!not|never)\w+ ){0,2}"
        r"(?:solved|sorted|resolved|fixed|rectified|corrected)\b(?: out)?",
        FINE,
    ),
    ("sorted", r" (?:everything|it|this|that|things|me|us|the \w+)(?: all)?(?: out)?\b", FINE),
    ("replaced swapped refunded exchanged", rf" (?:(?!not|never)\w+ ){{0,4}}?{_SOON}", FINE),
    ("after", r" (?:a|an|some) (?:\w+ )?(?:bad|rough|slow|rocky|shaky|poor) start\b", FINE),
    (
        "they he she seller staff",
        r" (?:(?!never|not|hardly|only|haven't|hasn't)\w+ )?(?:fixed|solved|resolved|sorted|rectified) "
        r"(?:it|that|them|everything|this)\b(?: out)?",
        FINE,
    ),
    ("painless", "", FINE),
    ("hassle stress trouble", r"[- ]free\b", FINE),
    ("lost", r" without (?:it|them|this|these|him|her|you)\b", PRAISE),
    ("took takes", r" the time to\b", FINE),
    ("charged charge cost costs paid pay", r" (?:(?:me|us) )?(?:almost|next to|practically) nothing\b", FINE),
    ("nothing", r" (?:that )?(?:i|we) (?:didn't|didnt|don't|dont|did not|do not) (?:like|love|enjoy)\b", FINE),
    ("head", r" over heels\b", PRAISE),
    (
        _LOOKS_NOT,
        r" (?:even )?(?:look|feel|smell|sound|taste|seem) (?:cheap|fake|artificial|plasticky|tacky|flimsy)\b",
        FINE,
    ),
    ("skeptical sceptical hesitant doubtful unsure apprehensive worried nervous", r"(?: \w+){0,7}?(?=,? but\b)", FINE),
    ("stands stood stand", r" (?:up to )?the test of time\b", FINE),
    (
        "ridiculously insanely crazy insane stupid stupidly wicked wickedly dangerously obscenely damn bloody freaking",
        r"(?= (?:good|soft|fast|easy|simple|comfortable|comfy|tasty|delicious|warm|light|quick|cute|cool|smooth)\b)",
        STRONGLY,
    ),
    # Warnings, and blame by a figure of speech.
    (
        f"{_DO_NOT} never wouldn't would_not not",
        r" (?:ever )?(?:waste|wasting|throw away) (?:\w+ )?(?:time|money|cash|energy|breath)\b",
        AWFUL,
    ),
    (f"{_DO_NOT} wouldn't would_not", r" (?:even )?bother(?:ing)?\b(?! (?:me|us|him|her|them|my|anyone))", AWFUL),
    (_DO_NOT, r" (?:fall for|be fooled)\b", AWFUL),
    ("save", r" (?:your|yourself)(?: the| your)? (?:money|time|breath|cash|trouble|hassle|headache|stress)\b", AWFUL),
    ("steer stay", r" (?:well |far |very )?(?:clear|away)\b", AWFUL),
    ("run", r" for the hills\b", AWFUL),
    ("not", r" (?:\w+ )?worth (?:the|all the|any) (?:hassle|trouble|effort|risk|stress|headache|pain|bother)\b", AWFUL),
    ("more", r" trouble than (?:it's|its|it is|they are|they're|it was) worth\b", AWFUL),
    ("wouldn't wouldnt would_not", r" (?:\w+ ){1,5}?worst enemy\b", AWFUL),
    ("thanks", r" for nothing\b", AWFUL),
    ("good best", r" luck (?:getting|reaching|trying|finding)\b", AWFUL),
    ("went gone going goes", r" (?:rapidly |quickly |steadily |straight |right )*(?:downhill|south)\b", AWFUL),
    ("gone going", r" to the dogs\b", AWFUL),
    ("nickel", r"(?: |-)and(?: |-)dimed?\b", AWFUL),
    ("bane", r" of my\b", AWFUL),
    ("all", r" (?:it's|it is|they're) cracked up to be\b", PRAISE),
    ("chocolate", r" teapot\b", AWFUL),
    ("fell falls fall", r" (?:\w+ )?flat\b", AWFUL),
    ("fell falls fall", r" (?:far|well|way|a bit|a little) short\b", AWFUL),
    ("meh mid mediocre average okay ok passable decent adequate fair", r" at best\b", AWFUL),
    ("could can should", r" do (?:so much |much |far |a lot |way )?better\b", AWFUL),
    (
        "wanted want tried hoped",
        r" (?:so (?:badly|much) )?to (?:really )?(?:like|love|enjoy) (?:it|this|them|these|the)\b",
        AWFUL,
    ),
    ("you", r" get what you pay for\b", AWFUL),
    (
        "done finished",
        r" with (?:this|these|that) (?:company|place|brand|shop|store|people|app|hotel|airline|bank)\b",
        AWFUL,
    ),
    ("only", r" (?:good|positive|nice|decent) (?:thing|part|point)s?\b", AWFUL),
    (
        "looked looks seemed sounded sounds",
        rf" (?:so |really |very )?(?:{GOOD}) "
        r"(?:at first|(?:in|on) (?:the )?(?:photos?|pictures?|models?|screen)|online|on paper|on the website)\b",
        AWFUL,
    ),
    (
        "used",
        rf" to (?:be (?:(?:so|really|very|such|an?|much|my|our|the) )*(?:{GOOD}|better|favou?rite)\b|"
        r"(?:love|like|enjoy) (?:this|these|it|them|coming|shopping|going|your)\b)",
        AWFUL,
    ),
    (
        f"{_GOOD_WORDS} fine ok okay works worked happy",
        r" (?:until|till|til)\b(?! (?:now|today|the end))",
        AWFUL,
    ),
    (
        f"{_GOOD_WORDS} fine ok okay worked loved liked enjoyed happy excited impressed",
        r" (?:it |them |this |these )?(?:very much |a lot )?at first\b(?! (?:sight|glance|bite|try|wear|use))",
        AWFUL,
    ),
    (
        "never",
        r" (?:ever )?(?:going|coming|ordering|shopping|buying|eating|staying|returning|visiting|using)"
        rf"(?: back| here| there| it| this| from (?:them|here|you))*(?: again)?{_END}",
        AWFUL,
    ),
    ("if", r" only\b(?! (?:all|every|more|other|i|we)\b)", AWFUL),
    (
        "old previous last earlier original",
        r" (?:\w+ )?(?:was|were|is|are) (?:(?:so|much|far|way|even|a lot) )*"
        r"(?:better|superior|nicer|sturdier|stronger)\b",
        AWFUL,
    ),
    ("had", r" (?:far |much |way )?better(?! luck)(?: \w+){0,3} (?:from|at|in|elsewhere)\b", AWFUL),
    ("better nicer", r" (?:\w+ ){0,3}?(?:next door|elsewhere|somewhere else|down the road)\b", AWFUL),
    (
        "emailed e-mailed called phoned written wrote contacted messaged rang",
        r" (?:\w+ ){0,3}?(?:two|three|four|five|six|ten|\d+|several|many|multiple|countless|a dozen) times\b",
        AWFUL,
    ),
)
"""First words (`_` is a blank), what follows them, and the word that it is all read as."""


class Idiom(NamedTuple):
    """Where a phrase ends, and what it is read as."""

    end: int
    read: str


def idiom(text: str, word: str, end: int) -> Idiom | None:
    """The phrase that begins with this word, which ends there; None where none does."""
    for rest, read in _BY_WORD.get(word, ()):
        if found := _pattern(rest).match(text, end):
            return Idiom(found.end(), read)
    return None


@cache
def _pattern(rest: str) -> re.Pattern[str]:
    """Compiled when its first word is met: all of them would take a cold start 24 ms."""
    return re.compile(rest, re.IGNORECASE)


def _by_word() -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for firsts, rest, read in _TABLE:
        for first in firsts.split():
            word, *more = first.split("_")
            found[word].append(("".join(f" {each}" for each in more) + rest, read))
    return dict(found)


_BY_WORD = _by_word()
