"""The demo's page: its files, and what they must know of the deployment."""

import json
import shutil
from pathlib import Path

from infra.cli.households import Household
from infra.cli.live import Shop

PAGE = Path(__file__).parents[1] / "local/storefront"
NAME = "The Corner Grocer"


def open_page(folder: Path, shop: Shop, households: list[Household]) -> None:
    """Put the page into `folder`, with a publishable key, and tokens such as a shop's server signs."""
    shutil.copytree(PAGE, folder, dirs_exist_ok=True)
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
    }
    (folder / "shop.json").write_text(json.dumps(settings))
