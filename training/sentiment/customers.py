"""Words of customers that VADER's list lacks: what fails, what troubles, what pleases, in all forms of each word.

That list was made for posts, where nobody says that a seam frays. A fault that is negated is praise, and only a list
can tell that of a word which no training text has: the rating is what `turned_good` of the lexicon is made of.
"""

from shared.inference.sentiment.words import HIGH, LOW

FAULT, TROUBLE, POOR, FINE, EXTREME = -1.6, -1.5, -1.5, 1.7, 3.0

FAILS = (
    "break broke broken|squeak|itch|tear tore torn|rust|slip|overheat|jam|crack|scratch|melt|peel|fray|flicker|"
    "burn burnt burned|rattle|shrink shrank shrunk|fade|wobble|sag|pinch|bend bent bent|smell smelled smelt|leak|"
    "crash|freeze froze frozen|stall|lag|pill|bleed bled bled|stain|unravel|snap|chip|dent|warp|curl|crease|wrinkle|"
    "wilt|rot|spoil|mould|stink stank stunk|drip|spill|clog|creak|hiss|buzz|hum|glitch|disconnect|malfunction|"
    "backfire|collapse|crumble|crumple|shatter|splinter|split split split|rip|burst burst burst|loosen|detach|"
    "discolour|discolor|tarnish|corrode|deteriorate|degrade|disintegrate|droop|ooze|chafe|blister|irritate|"
    "sting stung stung|drag|drain|die died died|misfire|mislead misled misled|overcharge|overpromise|delay|cancel|"
    "postpone|vanish|stutter|stumble|skid|tangle|slacken|misbehave|puncture|yellow|dull|bore|annoy|frustrate|"
    "disappoint|betray|ignore|neglect|cheat|deceive|rush|argue|complain|regret|fail|hurt hurt hurt|damage|ruin|scam|"
    "trick|confuse|upset upset upset|bother|suffer|struggle|stretch"
)
TROUBLES = (
    "problem|complaint|issue|defect|crack|scratch|mistake|leak|delay|error|bug|drawback|hassle|quarrel|hiccup|stain|"
    "fault|worry|regret|scam|wrinkle|queue|fuss|mess|glitch|flaw|blemish|scuff|dent|crash|failure|breakage|fee|"
    "surcharge|downside|shortcoming|weakness|setback|mishap|nuisance|headache|disappointment|surprise charge|crease|"
    "smudge|streak|odour|odor|stench|draught|rattle|squeak|creak|wobble|bump|blister|rash|allergy|irritation|lag|"
    "dropout|disconnection|outage|misunderstanding|argument|dispute|excuse|trick|catch|snag|obstacle|obstruction|"
    "interruption|disturbance|cockroach|hair|bone|spill|puncture|burn|tear|rip|hole|objection|criticism|grievance|"
    "reservation|doubt|concern|quibble|gripe|grumble|nit|clog|jam|malfunction|inconvenience|difficulty|trouble|noise|"
    "dirt|dust|damage|pain|stress|rust|mould|mold|waste|nonsense|shrinkage|wear|waiting|clutter"
)
BAD = (
    "stale|greasy|slow|fragile|flimsy|sticky|rusty|late|bland|scratchy|overpriced|sloppy|cramped|crooked|stiff|"
    "complicated|crowded|oily|overcooked|dry|faulty|noisy|smelly|soggy|lumpy|wobbly|shaky|creaky|squeaky|leaky|tinny|"
    "grainy|blurry|itchy|baggy|frumpy|shapeless|unflattering|see-through|worn|tatty|shabby|dingy|musty|mouldy|moldy|"
    "grubby|filthy|dusty|stained|chipped|cracked|torn|dented|scratched|damaged|faulty|defective|unreliable|"
    "inaccurate|misleading|unhelpful|unresponsive|unprofessional|inattentive|impolite|dismissive|condescending|pushy|"
    "clueless|careless|rude|cold|lukewarm|undercooked|burnt|tasteless|flavourless|flavorless|watery|chewy|rubbery|"
    "salty|bitter|sour|rancid|tough|gritty|clunky|laggy|buggy|glitchy|bulky|cumbersome|awkward|tedious|predictable|"
    "forgettable|formulaic|shallow|overrated|overlong|pointless|useless|worthless|shoddy|uneven|crude|tacky|gaudy|"
    "garish|uncomfortable|unsafe|unhygienic|unsanitary|overbooked|understaffed|incomplete|outdated|obsolete|unusable|"
    "disappointing|dissatisfied|displeased|unimpressed|underwhelming|underwhelmed|mediocre|subpar|inferior|"
    "unacceptable|inedible|nauseous|stingy|brittle|streaky|patchy|painful|harsh|confusing|hidden|expired"
)
GOOD = (
    "reliable|sturdy|tasty|soft|quick|polite|accurate|sharp|quiet|stylish|durable|memorable|comfy|flattering|"
    "spotless|seamless|effortless|flawless|roomy|spacious|cosy|cozy|crisp|juicy|tender|flavourful|flavorful|moist|"
    "crunchy|attentive|courteous|knowledgeable|responsive|prompt|professional|welcoming|hospitable|punctual|"
    "efficient|intuitive|versatile|lightweight|waterproof|breathable|absorbent|ergonomic|sleek|snug|solid|robust|"
    "affordable|reasonable|authentic|homemade|gripping|riveting|touching|hilarious|witty|believable|immersive|"
    "delicious|yummy|scrumptious|mouthwatering|refreshing|soothing|relaxing|picturesque|immaculate|tidy|hygienic|"
    "washable|foolproof|straightforward|timely|speedy|speedily|handy|convenient|convincing|thoughtful|caring|"
    "trustworthy|transparent|legible|vivid|crystal|silky|plush|supple|well-made|adorable|gorgeous|chic|classy"
)
WORKS = (
    "stay|clean|refund|respond|reply|answer|deliver|charge|open|close|start|connect|sync|play|heal|cool|heat|"
    "hold held held|ship|arrive|load|save|print|record|cut cut cut|grip|seal|lock|fold|dry|brew|cook|bake|taste|fit|"
    "help|care|listen|apologise|apologize|explain|support|protect|fix|replace|repair|honour|honor|call|"
    "show showed shown|recognise|adjust|recline|inflate|stick stuck stuck|last|survive|improve|impress|amaze|deliver|"
    "satisfy|entertain|thrill|convince|function|perform|smile|greet|serve|return|reimburse|rotate|vibrate|"
    "ring rang rung|focus|blend|grind ground ground|absorb|wash|iron|breathe|comfort|soothe|moisturise|flow|"
    "rise rose risen|pay paid paid|update|track|scan|pair|work"
)
BETTER = (
    "better|happier|easier|nicer|smoother|simpler|faster|quicker|kinder|friendlier|softer|comfier|warmer|cleaner|"
    "fresher|tastier|prouder|safer|clearer|smarter|more helpful|more pleased|more satisfied|more comfortable|"
    "more useful"
)
WORSE = "worse|sadder|ruder|slower|uglier|dirtier|angrier|more disappointed|more careless|less helpful"
_VOWELS = "aeiou"


def forms(verb: str) -> tuple[str, str, str, str, str]:
    """Of `tear tore torn` and of `fade`: plain, with -s, in the past, past participle, with -ing."""
    base, *past = verb.split()
    if not past:
        past = [_past(base)] * 2
    return base, plural(base), past[0], past[-1], _ing(base)


def plural(word: str) -> str:
    """Also what a verb ends in after `it`."""
    if word[-1] == "y" and word[-2] not in _VOWELS:
        return f"{word[:-1]}ies"
    return word + ("es" if word.endswith(("s", "x", "z", "ch", "sh", "o")) else "s")


def ratings() -> dict[str, float]:
    """Each form of each word, and its rating."""
    kinds = (
        ((form for verb in FAILS.split("|") for form in forms(verb)), FAULT),
        ((form for noun in TROUBLES.split("|") for form in (noun, plural(noun))), TROUBLE),
        (BAD.split("|"), POOR),
        (GOOD.split("|"), FINE),
        (BETTER.split("|"), FINE),
        (WORSE.split("|"), POOR),
        ((HIGH,), EXTREME),
        ((LOW,), -EXTREME),
    )
    return {word: rating for words, rating in kinds for word in words if word.isalpha() or word in {HIGH, LOW}}


def _past(verb: str) -> str:
    if verb.endswith("e"):
        return f"{verb}d"
    if verb[-1] == "y" and verb[-2] not in _VOWELS:
        return f"{verb[:-1]}ied"
    return f"{_doubled(verb)}ed"


def _ing(verb: str) -> str:
    if verb.endswith("ie"):
        return f"{verb[:-2]}ying"
    return f"{verb[:-1] if verb.endswith('e') else _doubled(verb)}ing"


def _doubled(verb: str) -> str:
    """With its last letter twice, where it is short and ends in one vowel and one consonant."""
    vowels = [at for at, letter in enumerate(verb) if letter in _VOWELS]
    short = len(vowels) == 1 and vowels[0] == len(verb) - 2 and verb[-1] not in "wxy"
    return verb + verb[-1] if short or verb in {"regret", "unravel", "cancel"} else verb
