"""Other ways to tell how a text feels, to compare with: VADER and TextBlob, where they are installed."""

from collections.abc import Callable

from infra.evaluation.opinions import Method, scored


def peers() -> dict[str, Method]:
    """Those that are installed, by name."""
    found = {"VADER": _vader, "TextBlob": _textblob}
    made: dict[str, Method] = {}
    for name, make in found.items():
        try:
            made[name] = scored(make())
        except ModuleNotFoundError:
            continue
    return made


def _vader() -> Callable[[str], float]:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer  # noqa: PLC0415 - installed or not

    analyzer = SentimentIntensityAnalyzer()
    return lambda text: float(analyzer.polarity_scores(text)["compound"])


def _textblob() -> Callable[[str], float]:
    from textblob import TextBlob  # noqa: PLC0415 - as above

    return lambda text: float(TextBlob(text).sentiment.polarity)
