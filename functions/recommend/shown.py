"""What is shown already, so that neither it nor what looks like it is shown again."""

from collections.abc import Iterable, Iterator

from shared.domain.items import Item

Key = tuple[object, ...]


class Shown:
    """What other lists, or the places before, show already: no item and no twin of it comes again."""

    def __init__(self, item_ids: Iterable[str] = ()) -> None:
        self.item_ids = set(item_ids)
        self._twins: set[Key] = set()

    def copy(self) -> "Shown":
        copied = Shown(self.item_ids)
        copied._twins = set(self._twins)
        return copied

    def has_twin(self, item: Item) -> bool:
        return not self._twins.isdisjoint(twins(item))

    def add(self, item: Item) -> None:
        self.item_ids.add(item.item_id)
        self._twins.update(twins(item))


def twins(item: Item) -> Iterator[Key]:
    """What near-identical items have in common: the group, or all that a shopper sees of them."""
    if item.group is not None:
        yield "group", item.group
    yield "looks", " ".join(item.title.casefold().split()), item.kind, item.category, item.price
