"""The budget in the table: how it stands, which the meter writes, and what the owner wishes, which they write."""

from shared.domain.budget import Level, Standing, Wish
from shared.stores.table import Table

PARTITION = "BUDGET"
STANDING = "STANDING"
WISH = "WISH"


class BudgetStore:
    """Two records, each with one writer, so that neither can undo the other's."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def standing(self, *, consistent: bool = True) -> Standing | None:
        """How the month stands; None before the meter ran for the first time."""
        record = self._table.get(PARTITION, STANDING, consistent=consistent)
        return Standing.model_validate_json(record["body"], extra="ignore") if record else None

    def level(self) -> Level:
        """What may run: eventually consistent, for those who ask all the time."""
        standing = self.standing(consistent=False)
        return standing.level if standing else Level.NORMAL

    def record(self, standing: Standing) -> None:
        """How it stands from now on."""
        self._table.put({"pk": PARTITION, "sk": STANDING, "body": standing.model_dump_json()})

    def wish(self) -> Wish:
        """What the owner said since the deployment."""
        record = self._table.get(PARTITION, WISH)
        return Wish.model_validate_json(record["body"], extra="ignore") if record else Wish()

    def heed(self, wish: Wish) -> None:
        """What the owner says from now on."""
        self._table.put({"pk": PARTITION, "sk": WISH, "body": wish.model_dump_json()})
