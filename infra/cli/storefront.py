"""The demo's page: its files, and what they must know of the deployment."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from infra.cli import priced, reviewed
from infra.cli.households import Household
from infra.cli.live import Shop
from infra.cli.reviewed import Reviewers
from shared.domain.items import Item

PAGE = Path(__file__).parents[1] / "local/storefront"
NAME = "The Corner Grocer"


def open_page(
    folder: Path,
    shop: Shop,
    households: list[Household],
    reviewers: Reviewers | None = None,
    priced_items: Sequence[Item] = (),
) -> None:
    """Put the pages into `folder`: the shop's, with a publishable key, and tokens such as a shop's server signs.

    The owner's pages have no key of the owner's: they ask through the server.
    """
    shutil.copytree(PAGE, folder, dirs_exist_ok=True)
    if reviewers:
        (folder / "feedback.json").write_text(json.dumps(reviewed.page(reviewers, NAME)))
    if priced_items:
        (folder / "prices.json").write_text(json.dumps(priced.page(priced_items)))
    settings = {
        "shop": NAME,
        "publishable_key": shop.publishable_key,
        "households": [
            {
                "customer_id": each.customer_id,
                "customer_token": shop.token(each.customer_id),
                "label": f"Household {each.customer_id}",
                "note": each.note,
            }
            for each in households
        ],
        "start_item": households[0].item_id,
        "has_feedback": reviewers is not None,
        "has_prices": bool(priced_items),
    }
    (folder / "shop.json").write_text(json.dumps(settings))
