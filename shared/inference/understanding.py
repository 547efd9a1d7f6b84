"""What a text says, as the owner's settings have it: plain, without personal data, scored, by aspect and category."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from shared.domain.aspects import AspectLexicon, AspectMention, lexicon_of
from shared.domain.categories import Categories, Example, categories_of, example_sentences
from shared.domain.clock import SteadyClock
from shared.domain.errors import StoreUnavailableError
from shared.domain.feedback_settings import FeedbackSettings
from shared.domain.markup import plain_text
from shared.domain.saying import Said, Understood
from shared.domain.sentiment import Analysis
from shared.inference.language import language

if TYPE_CHECKING:
    from shared.inference.sentiment.published import Models

NO_MODEL_SECONDS = 60
LOOK_SECONDS = 60.0
"""A warm function looks so often whether another model has been published."""
CARRIED = Path(__file__).parents[2] / "sentiment"
"""Where the builder of an artefact puts the model."""


class Model(Protocol):
    """The sentiment model, as far as it is asked here."""

    @property
    def model_id(self) -> str: ...

    def analyse(
        self,
        texts: Sequence[str],
        find_aspects: Callable[[str], Sequence[AspectMention]] | None = None,
        languages: Sequence[str | None] | None = None,
        *,
        evidence: bool = True,
        vectors: bool = True,
    ) -> list[Analysis]: ...


def load(models: "Models", present: Model | None, carried: Path = CARRIED) -> Model:
    """The model that the owner has published, else the one of the artefact; `present` if it is that, or stays.

    Imported only here: what lists and sums up feedback needs neither numpy nor onnxruntime.
    """
    from shared.inference.sentiment import published  # noqa: PLC0415

    return published.load(carried, models, present)


class Analyst:
    """Reads texts as one shop wants them read. Made once for many. If it `compares`, categories go by vectors too."""

    def __init__(self, model: Model, settings: FeedbackSettings) -> None:
        self.settings = settings
        self.model_id = model.model_id
        self._model = model
        self._aspects: AspectLexicon = lexicon_of(settings)
        categories = categories_of(settings)
        examples = example_sentences(categories)
        self.compares = bool(examples)
        self._categories = Categories(categories, self._examples(examples))

    def understand(self, said: Sequence[Said]) -> list[Understood]:
        """What is kept of these texts, which is all that anybody will know of them.

        The patterns of personal data take long to compile, and whoever only lists or sums up has no use for them.
        """
        from shared.domain.redaction import redact  # noqa: PLC0415

        redacted = [redact(plain_text(each.text)) for each in said]
        texts = [each.text for each in redacted]
        analyses = self.analyse(texts, [each.language for each in said], evidence=False, vectors=True)
        return [
            Understood(text, dict(taken.counts), analysis, self.categories(text, analysis), self.model_id)
            for text, taken, analysis in zip(texts, redacted, analyses, strict=True)
        ]

    def analyse(
        self, texts: Sequence[str], told: Sequence[str | None], *, evidence: bool, vectors: bool
    ) -> list[Analysis]:
        """Sentiment with aspects; `told` are the languages that the sender names. One that the owner does not trust
        the model with is told, and abstained from."""
        languages = [named or language(text) for named, text in zip(told, texts, strict=True)]
        found = self._model.analyse(texts, self._aspects.find, languages, evidence=evidence, vectors=vectors)
        return [self._trusted(each, spoken) for each, spoken in zip(found, languages, strict=True)]

    def categories(self, text: str, analysis: Analysis) -> tuple[str, ...]:
        return self._categories.of(text, [each.vector for each in analysis.sentences if each.vector])

    def _trusted(self, analysis: Analysis, spoken: str | None) -> Analysis:
        sentiment = analysis.sentiment
        foreign = spoken is not None and spoken not in self.settings.languages
        changes = {"language": spoken, "abstained": sentiment.abstained or foreign}
        return analysis._replace(sentiment=sentiment.model_copy(update=changes))

    def _examples(self, examples: Sequence[tuple[str, str]]) -> list[Example]:
        if not examples:
            return []
        read = self._model.analyse([text for _, text in examples], evidence=False, vectors=True)
        vectors = [next((each.vector for each in analysis.sentences if each.vector), b"") for analysis in read]
        return [Example(name, vector) for (name, _), vector in zip(examples, vectors, strict=True) if vector]


class Analysts:
    """Gives the analyst of settings, and remembers the last.

    The model is loaded when the first one is asked for; `load` is given the one in memory, and gives it back where
    there is no other. It is asked again every `LOOK_SECONDS`.
    """

    def __init__(self, load: Callable[[Model | None], Model], clock: Callable[[], float] | None = None) -> None:
        self._load = load
        self._clock = clock or SteadyClock()
        self._looked = float("-inf")
        self._model: Model | None = None
        self._last: tuple[Model, Analyst] | None = None

    def of(self, settings: FeedbackSettings) -> Analyst:
        """Raises `StoreUnavailableError` where the model is missing or damaged: what waits for it can be sent again."""
        model = self._loaded()
        if self._last is None or self._last[0] is not model or self._last[1].settings != settings:
            self._last = model, Analyst(model, settings)
        return self._last[1]

    def _loaded(self) -> Model:
        if self._model is None or self._clock() - self._looked >= LOOK_SECONDS:
            self._looked = self._clock()
            try:
                self._model = self._load(self._model)
            except (OSError, ValueError) as error:
                detail = "The sentiment model is missing or damaged here."
                raise StoreUnavailableError(detail, NO_MODEL_SECONDS) from error
        return self._model
