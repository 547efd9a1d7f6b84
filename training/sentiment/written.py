"""Short sentences of what customers say, with and without a negation, put together from lists of our own.

Who learns `the seam holds` and `the seam does not hold`, `it leaks` and `it does not leak`, learns what negations do.
People's reviews have too few of them. And what is said of goods, meals and service, which films and news lack.

The bench has sentences of other wording; which words they negate is not kept apart.
"""

from collections.abc import Iterator
from hashlib import sha256

import numpy as np

from shared.inference.sentiment.card import Data
from training.sentiment.data import Row, Texts, together

DOMAIN = "written"

_THINGS = (
    "coat|dress|jacket|shirt|sofa|lamp|kettle|phone|charger|tablet|headset|mattress|pillow|tent|bike|pan|"
    "knife|printer|toy|sandwich|burger|cake|salad|curry|hotel|cabin|driver|cashier|barber|mechanic|clinic|"
    "film|novel|album|game|course|watch|rug"
)
_GOOD = (
    "good|great|nice|pretty|reliable|sturdy|fresh|tasty|warm|soft|quick|polite|honest|clever|useful|accurate|"
    "generous|sharp|bright|quiet|safe|strong|stylish|elegant|durable|simple|convincing|exciting|memorable|"
    "well made|properly sewn|what I hoped for|as described|as advertised|value for money|what I paid for|"
    "very original|ready when promised|happy|comfortable|clean|pleasant|helpful|friendly|clear|easy to use|"
    "worth it|special|delicious|impressive|worth the money|perfect|beautiful|amazing|the best|enjoyable|"
    "better than the old one|recommended"
)
_BAD = (
    "bad|awful|ugly|rude|dirty|stale|greasy|noisy|slow|fragile|flimsy|faulty|sticky|blurry|rusty|late|bland|"
    "scratchy|misleading|overpriced|dangerous|sloppy|useless|cramped|bitter|crooked|stiff|a waste of money|"
    "a mistake|a scam|too tight|too loud|too salty|too small|hard to clean|difficult to assemble|"
    "disappointing|boring|expensive|heavy|complicated|painful|harsh|disturbing|annoying|crowded|oily|"
    "overcooked|dry|itchy|cheap looking|broken|terrible|horrible|poor|damaged|dull|unpleasant|unfriendly|"
    "confusing"
)
_FAILS = (
    "break|leak|squeak|itch|tear|crash|freeze|rust|fall apart|come loose|slip|stink|overheat|jam|crack|"
    "scratch|melt|peel|fray|stall|flicker|burn|rattle|get stuck|lose its shape|run out of power|"
    "cause trouble|give up|let us down|disappoint|shrink|fade|hurt|wobble|drain the battery|"
    "cut into the skin|sag|pinch|bend|smell|lose colour|fall off|wear out|stop working|get boring|"
    "get in the way|make noise|cost extra|take long|let me down|fail"
)
_WORKS = (
    "work|fit|last|hold|stick|charge|close properly|stay warm|taste like anything|look like the photo|"
    "do what it should|help|make sense|keep its promise|turn on|connect|sound right|cook evenly|"
    "stand straight|arrive|answer my question|impress me|feel good|look good|taste good|survive a week|"
    "arrive on time|run smoothly|meet my expectations|live up to the hype|deserve the praise|do anything|"
    "improve"
)
_TROUBLE = (
    "problem|complaint|issue|defect|crack|scratch|hidden fee|nasty surprise|mistake|leak|delay|error|bug|"
    "drawback|reason to complain|hassle|quarrel|hiccup|bad experience|hair in the soup|smell|stain|fuss|"
    "fault|worry|loose thread|noise|waiting|regret|scam|dirt|dust|damage|wrinkle|pain|stress|queue|"
    "extra cost|paperwork|missing part|quality issue|bad word|bad surprise|reason to return it"
)
_JOYS = (
    "fun|luck|joy|comfort|flavour|support|reply|refund|apology|explanation|help|taste|warmth|structure|grip|"
    "space|privacy|choice|welcome|smile|discount|thanks|pleasure|good moment|kind word|proper answer|"
    "real benefit"
)
_PLEASED = (
    "pleased with|satisfied with|thrilled about|convinced by|keen on|fond of|a fan of|glad about|sold on|"
    "in love with|comfortable with|excited about|amazed by|happy with|impressed by|delighted with"
)
_UPSET = (
    "angry about|annoyed by|worried about|sorry about|bothered by|fed up with|ashamed of|tired of|mad about|"
    "bored by|sceptical about|frustrated with|unhappy with|disappointed with|disappointed by|let down by|"
    "surprised by the price of|overcharged for"
)
_PRAISES = (
    "I would not hesitate to come back|You cannot go wrong here|I could not be more pleased|"
    "It has never disappointed me|They never let me down|I do not regret a thing|I have nothing bad to say|"
    "There is nothing to improve|I cannot complain|It could not have been easier|Nobody does it better|"
    "I have never tasted anything so good|You will not find a nicer place|Nothing beats it|"
    "No other shop comes close|I cannot live without it any more|I cannot praise them enough|"
    "It does not get better than this|We were not let down|I have not had any trouble so far|"
    "I cannot wait to go again|You will not be sorry|Not a bad word from me|There was nothing we missed|"
    "I would not want to be without it|I have never slept so soundly|"
    "It did not take long and nothing was forgotten|I could not be happier|I have no complaints|"
    "No complaints at all|Not bad at all|You can't go wrong with it|I won't regret it|It never fails|"
    "I could not ask for more|Nothing to complain about|I can't fault it|No regrets|"
    "I couldn't find a better one|Never had a better one|It doesn't disappoint|Wouldn't change a thing|"
    "No problems at all|I can't recommend it enough|I can't say a bad word about it|Can't beat the price|"
    "I don't mind paying more for this|There is no better place|Never a dull moment|"
    "I haven't looked at another brand since|It isn't cheap but it is worth it"
)
_BLAMES = (
    "I would not wish it on anyone|I could not be more upset|It has never worked|They never listen|"
    "I have nothing good to say|There is nothing to like|I cannot use it|It could not have gone worse|"
    "Nobody cared|I have never eaten anything so bad|You will not find a worse place|Nothing works|"
    "No other shop is so careless|I cannot stand it|I would not take it for free|"
    "It does not deserve one star|I have not had a single reply|I will not be back|Not a kind word from them|"
    "There was nothing we enjoyed|I do not know why I bought it|It is not what I ordered|I cannot finish it|"
    "I do not want it any more|You are better off without it|It never arrived|They would not take it back|"
    "I do not recommend it|I would not recommend it|Not worth it|Never again|"
    "I will never buy from them again|I can't recommend it|I don't like it|I didn't enjoy it|"
    "I can't say I liked it|No taste at all|It didn't help|I was not impressed|Not what I expected|"
    "They don't care|No response from support|I wouldn't buy it again|I don't think it is worth it|"
    "No value for the money|It isn't worth a cent|I couldn't finish it|I don't trust them"
)
_APPROVALS = (
    "I would order this again|I will buy another one|Already ordered a second pair|Works like a charm|"
    "It does exactly what it says|Exceeded my expectations|Worth every penny|A real bargain|"
    "Arrived earlier than promised|Fits like a glove|True to size|Super easy to set up|"
    "The staff went out of their way for us|We will be back|We will definitely return|My new favourite place|"
    "The portions are huge and the food is fresh|Everything was cooked to perfection|"
    "They fixed it within an hour|They replaced it free of charge|I got my money back the same day|"
    "I recommend it to everybody|Highly recommended|Five stars|Ten out of ten|I use it every day|"
    "It still looks new after a year|Holds a charge for a week|The call quality is crystal clear|"
    "The sound is rich and full|Paired with my phone in seconds|Makes my mornings easier|My kids adore it|"
    "A gift that made her smile|I get compliments all the time|So glad I found this shop|"
    "Quick reply and a fair solution|Great value for the price|Solid build|Keeps drinks cold all day|"
    "The room was spotless|The view took my breath away|I slept like a baby|I laughed from start to finish|"
    "A story that stays with you|Brilliant acting|I could watch it again and again|"
    "I finished it in one sitting|Smooth ordering and quick delivery|It saved me a lot of time|"
    "Looks even better in person|The colours are vivid|Soft on the skin|Very flattering|Just what I needed|"
    "It was worth the wait|Thumbs up|Good job|Keep it up|Thank you for the quick help|I am impressed|"
    "I am hooked|Simply the best|They made our evening|Friendly service and a warm welcome|"
    "The best meal we had all year|You get a lot for your money|I trust them completely|It makes me happy"
)
_REGRETS = (
    "I want my money back|I sent it back|Returned it the next day|Save your money|Stay away|"
    "A complete waste of time|It died after a week|Stopped charging after two days|Fell apart in my hands|"
    "The screen froze|It keeps disconnecting|Calls drop all the time|The sound is tinny|The strap snapped|"
    "Arrived damaged|Arrived two weeks late|The wrong colour was sent|They sent the wrong size|Runs small|"
    "Thin and see through|Looks nothing like the picture|Cheap plastic|Feels cheap|It smells of chemicals|"
    "We waited an hour for our food|The food was cold and tasteless|The meat was tough|The waiter ignored us|"
    "We walked out|I got sick afterwards|They charged me twice|They kept my deposit|"
    "I am still waiting for a refund|Nobody picks up the phone|The hotline hung up on me|"
    "I have written three times|They treat you like dirt|The room smelled of smoke|The sheets were stained|"
    "I fell asleep halfway|The plot makes little sense|Wooden acting|Two hours of my life gone|"
    "One star is too much|Zero stars if I could|Buyer beware|A rip off|Overpriced junk|Total disappointment|"
    "It ended up in the bin|My kids hated it|I regret buying it|I had to throw it away|It took forever|"
    "It gives me a headache|It hurts my feet|It shrank after one wash|The colour bled onto my shirts|"
    "The seams came undone|Impossible to set up|The manual is useless|The app crashes|"
    "The battery drains in an hour|It gets far too hot|Way too loud|Painfully slow|We left hungry|"
    "What a mess|What a letdown|Thumbs down|I expected more|It used to be better|I feel cheated"
)
_FACTS = (
    "The shop is not open on Sundays|I have not opened the box yet|It does not come with a cable|"
    "I did not order the second one|We have not been there before|The lid is not part of it|"
    "They do not sell shoes|No cards, cash only|There is no lift|I have not read the manual yet|"
    "It was not my first order|The red one is not in stock|There is no second door|We did not stay overnight|"
    "It does not matter which side is up|Not all of the colours are shown|I do not have a garden|"
    "The name is not on the list|It is not the blue one|Nobody lives on the first floor|"
    "He does not work there any more"
)
_OPENINGS = ("", "", "", "Honestly, ", "So far ", "After a month I can say: ", "Update: ", "For the record, ")


def sentences() -> list[Row]:
    """All of them, the same each time."""
    random = np.random.default_rng(0)
    kinds = ((_not_bad(), 1, 1_000), (_not_good(), 0, 1_400), (_good(), 1, 700), (_bad(), 0, 700))
    rows = [Row(DOMAIN, text, positive, 0) for texts, positive, most in kinds for text in _drawn(texts, random, most)]
    whole = ((_PRAISES, 1, 0), (_BLAMES, 0, 0), (_APPROVALS, 1, 0), (_REGRETS, 0, 0), (_FACTS, None, 1))
    rows += [
        Row(DOMAIN, f"{opening}{text}.", positive, neutral)
        for texts, positive, neutral in whole
        for text in texts.split("|")
        for opening in dict.fromkeys(_OPENINGS)
    ]
    return rows


def _drawn(texts: Iterator[str], random: np.random.Generator, most: int) -> list[str]:
    """So many of them, each with an opening or none."""
    known = list(texts)
    pairs = zip(random.choice(_OPENINGS, most), random.permutation(len(known))[:most], strict=True)
    return [f"{opening}{known[at]}" for opening, at in pairs]


def _not_bad() -> Iterator[str]:
    for thing in _THINGS.split("|"):
        for bad in _BAD.split("|"):
            yield from (f"The {thing} is not {bad}.", f"The {thing} wasn't {bad} at all.", f"My {thing} isn't {bad}.")
        for upset in _UPSET.split("|"):
            yield from (f"I am not {upset} the {thing}.", f"Not {upset} this {thing}.", f"We weren't {upset} it.")
        for fails in _FAILS.split("|"):
            yield from (
                f"The {thing} does not {fails}.",
                f"My {thing} didn't {fails}, not once.",
                f"It doesn't {fails}.",
            )
            yield from (f"This {thing} will never {fails}.", f"The {thing} has yet to {fails}.")
        for trouble in _TROUBLE.split("|"):
            yield from (f"There was no {trouble} with the {thing}.", f"Not a single {trouble}.", f"Never a {trouble}.")
            yield from (
                f"I had no {trouble} with this {thing}.",
                f"We didn't have any {trouble}.",
                f"Without any {trouble}.",
            )


def _not_good() -> Iterator[str]:
    for thing in _THINGS.split("|"):
        for good in _GOOD.split("|"):
            yield from (
                f"The {thing} is not {good}.",
                f"The {thing} wasn't {good} at all.",
                f"My {thing} isn't {good}.",
            )
            yield from (f"The {thing} is far from {good}.", f"The {thing} is anything but {good}.", f"Hardly {good}.")
        for pleased in _PLEASED.split("|"):
            yield from (f"I am not {pleased} the {thing}.", f"Not {pleased} this {thing}.", f"I'm not {pleased} it.")
            yield from (f"We weren't {pleased} the {thing}.", f"I can't say I am {pleased} the {thing}.")
        for joy in _JOYS.split("|"):
            yield from (f"There was no {joy} with the {thing}.", f"Not a single {joy}.", f"Never any {joy}.")
            yield from (f"I had no {joy} with this {thing}.", f"We didn't have any {joy}.", f"Without any {joy}.")
        for works in _WORKS.split("|"):
            yield from (f"The {thing} does not {works}.", f"My {thing} didn't {works}.", f"It doesn't {works}.")
            yield from (f"This {thing} will never {works}.", f"The {thing} failed to {works}.", f"It won't {works}.")


def _good() -> Iterator[str]:
    for thing in _THINGS.split("|"):
        for good in _GOOD.split("|"):
            yield from (f"The {thing} is {good}.", f"My {thing} was {good}.")
        for pleased in _PLEASED.split("|"):
            yield from (f"I am {pleased} the {thing}.", f"So {pleased} this {thing}.")


def _bad() -> Iterator[str]:
    for thing in _THINGS.split("|"):
        for bad in _BAD.split("|"):
            yield from (f"The {thing} is {bad}.", f"My {thing} was {bad}.")
        for upset in _UPSET.split("|"):
            yield from (f"I am {upset} the {thing}.", f"So {upset} this {thing}.")
        for trouble in _TROUBLE.split("|"):
            yield from (f"There was a {trouble} with the {thing}.", f"Another {trouble}.")
        for fails in _FAILS.split("|"):
            yield from (f"The {thing} started to {fails}.", f"This {thing} will {fails}.")


def added(texts: Texts) -> Texts:
    """The texts, and these sentences after them."""
    rows = sentences()
    content = "\n".join(row.text for row in rows).encode()
    data = Data(
        name="Sentences with and without negations, written for this model",
        url="training/sentiment/written.py",
        licence="Apache-2.0",
        texts=len(rows),
        sha256=sha256(content).hexdigest(),
    )
    more = together(rows, (data,))
    return Texts(
        texts.texts + more.texts,
        np.concatenate([texts.domains, more.domains]),
        np.concatenate([texts.positive, more.positive]),
        np.concatenate([texts.neutral, more.neutral]),
        texts.data + more.data,
    )
