"""The words of a sentence that say what it speaks of: without those that every sentence has, and those that only praise."""

import re
from functools import lru_cache

WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
COMMON = frozenset(
    ["a", "about", "above", "after", "again", "all", "almost", "alone", "along", "already", "also", "although", "always", "am", "an", "and", "another", "any", "anybody", "anyone", "anything", "are", "aren't", "around", "as", "at", "away", "back", "be", "became", "because", "become", "been", "before", "being", "below", "between", "both", "but", "by", "came", "can", "can't", "cannot", "come", "could", "couldn't", "day", "days", "did", "didn't", "do", "does", "doesn't", "doing", "don't", "done", "down", "during", "each", "either", "else", "enough", "especially", "even", "ever", "every", "everybody", "everyone", "everything", "few", "first", "for", "from", "further", "gave", "get", "gets", "getting", "give", "given", "go", "goes", "going", "gone", "got", "had", "hadn't", "has", "hasn't", "have", "haven't", "having", "he", "her", "here", "hers", "herself", "him", "himself", "his", "how", "however", "i", "i'd", "i'll", "i'm", "i've", "if", "in", "instead", "into", "is", "isn't", "it", "it'd", "it'll", "it's", "its", "itself", "just", "keep", "kept", "know", "last", "least", "less", "let", "lot", "lots", "made", "make", "makes", "many", "may", "maybe", "me", "might", "mine", "more", "most", "much", "must", "my", "myself", "near", "need", "needs", "never", "next", "no", "none", "nor", "not", "nothing", "now", "of", "off", "often", "oh", "on", "once", "one", "ones", "only", "onto", "or", "other", "others", "otherwise", "our", "ours", "ourselves", "out", "over", "own", "per", "perhaps", "put", "quite", "rather", "re", "really", "same", "say", "says", "see", "seem", "seemed", "seems", "several", "shall", "she", "should", "shouldn't", "since", "so", "some", "somebody", "someone", "something", "sometimes", "soon", "still", "such", "sure", "take", "taken", "takes", "than", "that", "that's", "the", "their", "theirs", "them", "themselves", "then", "there", "there's", "therefore", "these", "they", "they'd", "they'll", "they're", "they've", "thing", "things", "think", "this", "those", "though", "thought", "three", "through", "till", "to", "today", "together", "told", "too", "took", "toward", "two", "under", "until", "up", "upon", "us", "use", "used", "uses", "using", "usually", "very", "via", "want", "wanted", "was", "wasn't", "way", "we", "we'd", "we'll", "we're", "we've", "week", "weeks", "well", "went", "were", "weren't", "what", "what's", "when", "where", "whether", "which", "while", "who", "whole", "whom", "whose", "why", "will", "with", "within", "without", "won't", "would", "wouldn't", "yes", "yet", "you", "you'd", "you'll", "you're", "you've", "your", "yours", "yourself", "yourselves", "bit", "far", "definitely", "actually", "absolutely", "totally", "completely", "extremely", "super", "pretty", "little", "pleased", "ok", "okay", "time", "times", "year", "years", "month", "months", "ago", "im", "ive", "dont", "didnt", "doesnt", "wont", "cant", "isnt", "wasnt", "also", "ll", "ve"]
)
PRAISE = frozenset(
    ["adore", "adorable", "amazing", "annoyed", "annoying", "awesome", "awful", "bad", "beautiful", "best", "better", "brilliant", "crap", "cute", "delight", "delighted", "disappoint", "disappointed", "disappointing", "disappointment", "disgusting", "dislike", "enjoy", "enjoyed", "enjoying", "excellent", "exceptional", "expectation", "expectations", "expected", "fabulous", "fantastic", "favorite", "favourite", "fine", "gem", "glad", "good", "gorgeous", "great", "happier", "happy", "hate", "hated", "horrible", "horrid", "impressed", "impressive", "incredible", "item", "items", "like", "liked", "likes", "lovely", "love", "loved", "loves", "loving", "magnificent", "marvellous", "mediocre", "nice", "nicely", "nicest", "ok", "outstanding", "perfect", "perfectly", "pleasant", "pleasantly", "pleased", "poor", "product", "products", "purchase", "purchased", "purchases", "purchasing", "recommend", "recommended", "recommending", "rubbish", "sad", "sadly", "satisfied", "star", "stars", "superb", "terrible", "terribly", "terrific", "thank", "thanks", "thrilled", "unhappy", "unfortunately", "useless", "waste", "wonderful", "wonderfully", "worse", "worst", "worth", "wow", "buy", "buying", "bought", "order", "ordered", "ordering", "review", "reviews", "stuff", "everything", "compliment", "compliments", "glad"]
)
"""Words by which one knows how somebody feels, and not about what."""


def words(text: str) -> list[str]:
    """Its words in lower case, in their order."""
    return [each.replace("’", "'") for each in WORD.findall(text.lower())]


def says_something(text: str) -> bool:
    """Whether a sentence speaks of anything: `I love it!!` does not, `the zip broke` does."""
    return any(tells(each) for each in words(text))


def tells(word: str) -> bool:
    """Whether a word may stand in a theme's label by itself."""
    return len(word) > 2 and word not in COMMON and word not in PRAISE


def joins(word: str) -> bool:
    """Whether it may stand beside one that does: `poor` of `poor stitching`, not `the` of `the stitching`."""
    return len(word) > 2 and word not in COMMON


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
