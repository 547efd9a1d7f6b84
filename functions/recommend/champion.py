"""The champion model in memory: found through the pointer, checked, and replaced while requests go on."""

import time
from collections.abc import Callable

from aws_lambda_powertools import Logger

from functions.recommend.patience import Patience
from shared.domain.errors import NotFoundError, StoreUnavailableError
from shared.inference.scorer import BadArtefact, Scorer
from shared.stores.models import ModelStore

logger = Logger(child=True)

POLL_SECONDS = 5.0


class Champion:
    """Gives the scorer of the champion, or None before there is one. A new champion is taken within `POLL_SECONDS`."""

    def __init__(self, models: ModelStore, clock: Callable[[], float] = time.monotonic) -> None:
        self._models = models
        self._clock = clock
        self._scorer: Scorer | None = None
        self._checked = -POLL_SECONDS

    def scorer(self, patience: Patience | None = None) -> Scorer | None:
        """The champion's scorer. A model that is missing or damaged is logged, and the one in memory stays."""
        if self._clock() - self._checked >= POLL_SECONDS:
            self._checked = self._clock()
            self._refresh(patience or Patience())
        return self._scorer

    def _refresh(self, patience: Patience) -> None:
        """Only the pointer is not waited for: what is taken is loaded within the request, or it never would be."""
        in_memory = self._scorer.card.model_id if self._scorer else None
        try:
            model_id = patience.ask(self._models.champion, lambda: in_memory)
            if model_id is None:
                self._scorer = None
            elif self._scorer is None or self._scorer.card.model_id != model_id:
                self._scorer = Scorer.load(self._models.files(model_id))
        except (BadArtefact, NotFoundError, StoreUnavailableError) as error:
            logger.error("champion not loaded, the last good model stays", extra={"cause": str(error)})
