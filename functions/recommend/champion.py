"""The champion model in memory: found through the pointer, checked, and replaced while requests go on.

A model is loaded on a thread beside the request, which waits for it for a time of its own and then goes on with the
one in memory; a function is frozen between requests, so what is not loaded by then goes on loading in the next. The
new model takes over whole, by one assignment, once it has answered a question. Its facets are loaded in the same way,
when a filter first asks for them.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from functions.recommend.patience import Patience
from shared.domain.clock import SteadyClock
from shared.domain.errors import NotFoundError, StoreUnavailableError
from shared.inference.card import FACETS, Card
from shared.inference.facets import Facets
from shared.inference.scorer import BadArtefact, Scorer, check
from shared.stores.models import ModelStore
from shared.telemetry.log import logger

POLL_SECONDS = 5.0
SWAP_SECONDS = 1.0
"""How long a request that has a model waits for the next one, beside the three seconds that it has for the stores. The
n-th request that waits for the same model gives it an n-th of that."""
FIRST_SECONDS = 5.0
"""The same where there is no model in memory; with the stores' three within the function's ten."""
NO_MODEL = "There is no model yet."
AGAIN_SECONDS = 60.0
"""A model that is no good is immutable, and loading it takes time: it is tried again only now and then."""


@dataclass
class _Loading:
    """A model on its way, and how many requests have waited for it."""

    model_id: str
    scorer: Future[Scorer]
    requests: int = 0


@dataclass
class _LoadingFacets:
    """A model's facets, or None once they could not be had; they are then tried `again`."""

    model_id: str
    facets: Future[Facets | None]
    again: float

    def failed_before(self, now: float) -> bool:
        return self.facets.done() and self.facets.result() is None and now >= self.again


class Champion:
    """Gives the scorer of the champion, or None before there is one. A new champion is taken within `POLL_SECONDS`."""

    def __init__(self, models: ModelStore, clock: Callable[[], float] | None = None) -> None:
        self._models = models
        self._clock = clock or SteadyClock()
        self._scorer: Scorer | None = None
        self._loading: _Loading | None = None
        self._checked = -POLL_SECONDS
        self._wanted: str | None = None
        self._refused: tuple[str, float] | None = None
        self._loader = ThreadPoolExecutor(1, "champion")
        self._facets: _LoadingFacets | None = None

    def scorer(self, patience: Patience | None = None) -> Scorer | None:
        """The champion's scorer. A model that is missing or damaged is logged, and the one in memory stays."""
        patience = patience or Patience()
        if self._clock() - self._checked >= POLL_SECONDS:
            self._checked = self._clock()
            self._look(patience)
        if self._loading:
            self._take(self._loading, patience)
        return self._scorer

    @property
    def is_late(self) -> bool:
        """Whether there is a champion and the bucket has not given it yet. A damaged one is as good as none."""
        return self._scorer is None and self._wanted is not None and not self._is_refused(self._wanted)

    @property
    def absence(self) -> str:
        """Why there is no model in memory, where there is none."""
        if self._wanted is None:
            return NO_MODEL
        if self._is_refused(self._wanted):
            return f"The model {self._wanted} is damaged or missing; the log says more."
        return "The model is still being loaded."

    def facets(self, patience: Patience) -> Facets | None:
        """What filters read of all items; None where the model in memory lacks it, or it is not loaded in time."""
        if self._scorer is None or FACETS not in self._scorer.card.files:
            return None
        card, now = self._scorer.card, self._clock()
        if self._facets is None or self._facets.model_id != card.model_id or self._facets.failed_before(now):
            again = now + AGAIN_SECONDS
            self._facets = _LoadingFacets(card.model_id, self._loader.submit(self._load_facets, card), again)
        loading = self._facets.facets
        return loading.result() if loading.done() or patience.wait("facets", loading, SWAP_SECONDS) else None

    def _load_facets(self, card: Card) -> Facets | None:
        try:
            content = self._models.file(card.model_id, FACETS)
            check(card, FACETS, content)
            return Facets.load(content)
        except (BadArtefact, NotFoundError, StoreUnavailableError, KeyError, TypeError, ValueError) as error:
            logger.error("facets not loaded", extra={"model_id": card.model_id, "cause": repr(error)})
            return None

    def _look(self, patience: Patience) -> None:
        """Ask for the pointer, and begin to load where it has moved."""
        in_memory = self._scorer.card.model_id if self._scorer else None
        model_id = patience.ask(self._models.champion, lambda: in_memory)
        self._wanted = model_id
        if model_id is None:
            self._scorer = None
        if model_id is None or model_id == in_memory:
            self._loading = None
        elif (self._loading is None or self._loading.model_id != model_id) and not self._is_refused(model_id):
            self._loading = _Loading(model_id, self._loader.submit(self._load, model_id))

    def _load(self, model_id: str) -> Scorer:
        return Scorer.load(self._models.files(model_id, without={FACETS}))

    def _is_refused(self, model_id: str) -> bool:
        return self._refused is not None and self._refused[0] == model_id and self._clock() < self._refused[1]

    def _take(self, loading: _Loading, patience: Patience) -> None:
        """Let the model take over if it is loaded in time."""
        before = self._scorer.card.model_id if self._scorer else None
        facts = {"model_id": loading.model_id, "before": before}
        loading.requests += 1
        seconds = SWAP_SECONDS if self._scorer else FIRST_SECONDS
        if not patience.wait("model", loading.scorer, seconds / loading.requests):
            logger.warning("champion is still loading", extra=facts | {"requests": loading.requests})
            return
        self._loading = None
        try:
            self._scorer = loading.scorer.result()
        except Exception as error:  # whatever is wrong with the new one, the old one goes on serving
            expected = isinstance(error, BadArtefact | NotFoundError | StoreUnavailableError)
            logger.error(
                "champion not loaded, the last good model stays",
                extra=facts | {"cause": str(error)},
                exc_info=None if expected else error,
            )
            if not isinstance(error, StoreUnavailableError):
                self._refused = loading.model_id, self._clock() + AGAIN_SECONDS
        else:
            logger.info("champion taken", extra=facts | {"waited_ms": round(patience.waited_ms["model"], 1)})
