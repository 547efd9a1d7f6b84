"""The words of a sentence that say what it speaks of: not those that every sentence has, or that only praise."""

import re
from functools import lru_cache

WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)?")
COMMON = frozenset(
    """
    a about above absolutely actually after again ago all almost alone along already also although always am an and
    another any anybody anyone anything are aren't around as at away back be became because become been before being
    below between bit both but by came can can't cannot cant come completely could couldn't day days definitely did
    didn't didnt do does doesn't doesnt doing don't done dont down during each either else enough especially even
    ever every everybody everyone everything extremely far few first for from further gave get gets getting give
    given go goes going gone got had hadn't has hasn't have haven't having he her here hers herself him himself his
    how however i i'd i'll i'm i've if im in instead into is isn't isnt it it'd it'll it's its itself ive just keep
    kept know last least less let little ll lot lots made make makes many may maybe me might mine month months more
    most much must my myself near need needs never next no none nor not nothing now of off often oh ok okay on once
    one ones only onto or other others otherwise our ours ourselves out over own per perhaps pleased pretty put
    quite rather re really same say says see seem seemed seems several shall she should shouldn't since so some
    somebody someone something sometimes soon still such super sure take taken takes than that that's the their
    theirs them themselves then there there's therefore these they they'd they'll they're they've thing things think
    this those though thought three through till time times to today together told too took totally toward two under
    until up upon us use used uses using usually ve very via want wanted was wasn't wasnt way we we'd we'll we're
    we've week weeks well went were weren't what what's when where whether which while who whole whom whose why will
    with within without won't wont would wouldn't year years yes yet you you'd you'll you're you've your yours
    yourself yourselves
    """.split()  # noqa: SIM905 - a list of words, not of strings
)
PRAISE = frozenset(
    """
    adorable adore amazing awesome beautiful best better bought brilliant buy buying compliment compliments cute
    delight delighted enjoy enjoyed enjoying excellent exceptional expectation expectations expected fabulous
    fantastic favorite favourite fine gem glad good gorgeous great happier happy impressed impressive incredible
    item items like liked likes love loved lovely loves loving magnificent marvellous nice nicely nicest order
    ordered ordering outstanding perfect perfectly pleasant pleasantly product products purchase purchased purchases
    purchasing recommend recommended recommending review reviews satisfied star stars stuff superb terrific thank
    thanks thrilled wonderful wonderfully worth wow
    """.split()  # noqa: SIM905 - a list of words, not of strings
)
BLAME = frozenset(
    """
    annoyed annoying awful bad crap disappoint disappointed disappointing disappointment disgusting dislike hate
    hated horrible horrid mediocre poor rubbish sad sadly terrible terribly unfortunately unhappy useless waste
    worse worst
    """.split()  # noqa: SIM905 - a list of words, not of strings
)
"""Words by which one knows how somebody feels, and not about what."""

SILENT = COMMON | PRAISE | BLAME


def words(text: str) -> list[str]:
    """Its words in lower case, in their order."""
    return [each.replace("\u2019", "'") for each in WORD.findall(text.lower())]


def says_something(text: str) -> bool:
    """Whether a sentence speaks of anything: `I love it!!` does not, `the zip broke` does."""
    return any(tells(each) for each in words(text))


def tells(word: str) -> bool:
    """Whether a word may stand in a theme's label by itself."""
    return len(word) > 2 and word not in SILENT


def joins(word: str) -> bool:
    """Whether it may stand beside one that does: `poor` of `poor stitching`, not `the` of `the stitching`."""
    return len(word) > 2 and word not in COMMON and word not in PRAISE


@lru_cache(200_000)
def stem(word: str) -> str:
    """One form for singular and plural, which is all that is wanted here: `zips` is `zip`."""
    word = word.removesuffix("'s")
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("sses", "shes", "ches", "xes", "zes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word
