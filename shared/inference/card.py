"""A model's card: what it was made from, how it was judged, and what each surface serves."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.domain.vocabulary import EventName

GRAPH, BASKETS, VOCABULARY, CARD = "graph.onnx", "baskets.onnx", "vocabulary.json", "card.json"
FACETS = "facets.json"
"""What filters read of every item, loaded when a filter first asks for it. A model that knows no catalogue has none."""
FOR_YOU, BUY_AGAIN, SIMILAR, BOUGHT_TOGETHER, CART = "for-you", "buy-again", "similar", "bought-together", "cart"
SURFACES = (FOR_YOU, BUY_AGAIN, SIMILAR, BOUGHT_TOGETHER, CART)
OF_BASKETS = (BOUGHT_TOGETHER, CART)
"""Cards of models from before there was a table of baskets lack these."""

EVENT_WEIGHTS = {EventName.PRODUCT_VIEWED: 0.3, EventName.PRODUCT_ADDED: 0.6, EventName.ORDER_COMPLETED: 1.0}
"""How much each kind of event says about taste, an order being 1. Any other event says nothing."""
RETURNED = -0.2
"""How much an item that was sent back says against its like; nothing, in the fit: there it was never bought."""


class Part(BaseModel):
    """What every part of a card has in common: it never changes once written."""

    model_config = ConfigDict(frozen=True, protected_namespaces=())


class QueryPolicy(Part):
    """How a customer's past becomes a query, and how much the popularity prior weighs beside it.

    `session_share` is how much of the query the current session's views and carts make up. Of `event_weights`, one
    below 0 speaks against what is like the event's items.
    """

    decay: float = Field(default=0.95, gt=0.0, le=1.0)
    accumulate: bool = True
    session_share: float = Field(default=0.5, ge=0.0, le=1.0)
    session_decay: float = Field(default=0.8, gt=0.0, le=1.0)
    prior: float = Field(default=0.03, ge=0.0)
    event_weights: dict[str, float] = {name.value: weight for name, weight in EVENT_WEIGHTS.items()} | {
        EventName.ORDER_REFUNDED.value: RETURNED
    }


class RepeatPolicy(Part):
    """How fast an old purchase fades in buy again, in days to half its worth, and what rhythm and other customers say.

    Who has not bought an item for `lapse` times as long as they usually leave between two purchases of it may have
    stopped: the longer, the less the item is worth. 0 leaves rhythms out. What its buyers order often is worth more: by
    how often, to the power `staple`; 0 leaves that out.
    """

    half_life_days: float = Field(default=120.0, gt=0.0)
    lapse: float = Field(default=0.0, ge=0.0)
    staple: float = Field(default=0.0, ge=0.0)


class SimilarPolicy(Part):
    """How much the popularity prior weighs beside what goes with one item."""

    prior: float = Field(default=0.05, ge=0.0)


class BasketPolicy(Part):
    """How much the popularity prior weighs beside what is in one basket with an item."""

    prior: float = Field(default=0.02, ge=0.0)


class CartPolicy(Part):
    """Which table completes a cart, what goes together in orders or in all events, and the prior's weight beside it."""

    table: Literal["bought-together", "similar"] = "bought-together"
    prior: float = Field(default=0.0, ge=0.0)


class MatrixRecipe(Part):
    """How the item-item weights are fitted.

    `ridge` is the penalty of a regression on `neighbours` items, on all where `dense`; `covisits` is c, the share of
    co-visits in taste, where a pair g events apart counts `sequence_decay^g`, and `gap_decay^g` in what goes together;
    at most `width` weights of each row are kept (see `training.matrix.width_of`). A customer counts with the `history`
    most recent items, an item from `min_support` customers on. A co-visit in taste fades by `covisit_half_life_days`, 0
    for never. What speaks for an item in taste is multiplied by its trend (see `training.popularity.trends`) over
    `trend_half_life_days`, to the power `trend`; 0 leaves trends out. Priors fade by `prior_half_life_days` and look
    back `popular_days`.
    """

    neighbours: int = Field(default=100, gt=0)
    dense: bool = False
    width: int = Field(default=100, gt=0)
    ridge: float = Field(default=200.0, gt=0.0)
    covisits: float = Field(default=0.1, ge=0.0)
    sequence_decay: float = Field(default=0.8, ge=0.0, le=1.0)
    gap_decay: float = Field(default=0.5, ge=0.0, le=1.0)
    covisit_half_life_days: float = Field(default=0.0, ge=0.0)
    history: int = Field(default=200, gt=0)
    min_support: int = Field(default=2, gt=0)
    trend: float = Field(default=0.0, ge=0.0, le=1.0)
    trend_half_life_days: float = Field(default=60.0, gt=0.0)
    prior_half_life_days: float = Field(default=14.0, gt=0.0)
    popular_days: float = Field(default=30.0, gt=0.0)


class Recipe(Part):
    """All that is needed to fit the same model on other data."""

    matrix: MatrixRecipe = MatrixRecipe()
    query: QueryPolicy = QueryPolicy()
    similar: SimilarPolicy = SimilarPolicy()
    bought_together: BasketPolicy = BasketPolicy()
    cart: CartPolicy = CartPolicy()
    repeat: RepeatPolicy = RepeatPolicy()
    popular_days: dict[str, float] = dict.fromkeys(SURFACES, 30.0)


class Interval(Part):
    """A 95% bootstrap interval."""

    low: float
    high: float


class Metrics(Part):
    """Means over the customers (or orders) tested, ranking the full catalogue."""

    ndcg_at_10: float
    recall_at_20: float
    coverage_at_10: float


class SurfaceCard(Part):
    """What one surface serves and why, from the test window.

    `metrics` has "model" (the recipe that won), "popularity" (over as many days as were best on validation),
    "popularity in hindsight" (as were best on the test) and, where there was one, "challenger" and "champion". For
    buy-again, popularity ranks the customer's own items, and "popularity anywhere" all items. For-you's "as it happens"
    answers other questions: what is taken next, with the session and without. Bought-together and cart have what the
    other table would have done. The intervals are of ratios of NDCG@10: the model's over popularity's, over
    popularity's in hindsight, and the challenger's over the champion's. `tested` counts customers, beside items orders,
    of so many `customers` (None in cards from before it was told); `skipped` those without a target or a past.
    `recipe_reason` says whose recipe it is, the challenger's or the champion's, and why.
    """

    serve: Literal["model", "popularity"]
    reason: str
    recipe_reason: str = ""
    metrics: dict[str, Metrics] = {}
    ratio_to_popularity: Interval | None = None
    ratio_to_hindsight: Interval | None = None
    ratio_to_champion: Interval | None = None
    tested: int = 0
    customers: int | None = None
    skipped: int = 0


class FileInfo(Part):
    """Size and hash of one file of the artefact."""

    bytes: int
    sha256: str


class DataWindow(Part):
    """The data behind the model; the test window was held out of the fits that were judged, not of the final one."""

    first: datetime
    last: datetime
    test_from: datetime | None
    events: int
    customers: int
    items: int
    interactions: int


class Searched(Part):
    """The data that a recipe was last searched on: its last event, and how many there were."""

    last: datetime
    events: int


class Profile(Part):
    """What the data of the last weeks looked like, and the lists made of it: what the next training is compared with.

    Means a week over `weeks`: `events` by name, `customers` active, `items` touched, the shares of both that were never
    seen before, and days without an event. `popular` has the largest shares of (customer, item) pairs; what lacks to 1
    is the rest. `baskets` are the shares of orders by size (see `training.profile.BASKETS`). Of `asked` customers' best
    ten items: the median of the best scores, their shares by size beside it (see `training.profile.SCORES`), the share
    of recommendable items shown, the share of customers with a list.
    """

    weeks: int
    events: dict[str, float]
    customers: float
    items: float
    new_customers: float
    new_items: float
    silent_days: float
    popular: dict[str, float]
    baskets: tuple[float, ...]
    basket_median: float
    asked: int
    score_median: float
    score_shares: tuple[float, ...]
    coverage: float
    answered: float


class Measure(Part):
    """One thing that may drift: what it was, what it is, how far that is by its own measure, and how far is too far."""

    name: str
    before: float
    now: float
    distance: float
    limit: float
    text: str

    @property
    def drifted(self) -> bool:
        return self.distance > self.limit


class Drift(Part):
    """The data's last week and the lists, beside the profile of the model `against`; why there is no comparison."""

    against: str | None
    reason: str
    measures: tuple[Measure, ...] = ()

    @property
    def found(self) -> list[Measure]:
        return [measure for measure in self.measures if measure.drifted]


class Card(Part):
    """One model's card, written as `card.json`. `champion_problem` says why the champion was no rival, if so.

    `versions` and `licences` are of the libraries that made it; `licences` says whose its data are, too.
    """

    model_id: str
    created: datetime
    champion: str | None = None
    window: DataWindow
    recipe: Recipe
    recipe_from: Literal["challenger", "champion"] = "challenger"
    searched: Searched | None = None
    champion_problem: str | None = None
    recommendable: int
    surfaces: dict[str, SurfaceCard]
    files: dict[str, FileInfo]
    profile: Profile | None = None
    drift: Drift | None = None
    phases: dict[str, float] = {}
    peak_memory_mb: float = 0.0
    versions: dict[str, str] = {}
    licences: dict[str, str] = {}
