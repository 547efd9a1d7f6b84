"""Shopify's products, read into news: an item for each variant."""

from typing import Annotated, Any

from functions.webhooks import fitting
from functions.webhooks.news import ItemNews, News, ProductGone, ProductNews, Shop, UnmappedError
from functions.webhooks.payloads import Count, Ident, Moment, Payload, Text, Tolerated, is_id, read
from shared.domain.shopify import choices, item_id, item_name, variant_title
from shared.domain.text import plain

SAID_BY = {
    "title": "title",
    "price": "price",
    "stock": "inventory_quantity",
    "category": "product_type",
    "attributes": "title",
    "tags": "tags",
    "text": "body_html",
    "image_url": "images",
    "url": "handle",
    "group": "id",
}
"""The payload's field that an item's comes from. A subscription may leave fields out; what is left out stays."""


class Image(Payload):
    id: Ident | None = None
    src: Text = ""


class Option(Payload):
    name: Text = ""


class Variant(Payload):
    id: Ident
    sku: Text = ""
    price: Text = ""
    option1: Text = ""
    option2: Text = ""
    option3: Text = ""
    image_id: Ident | None = None
    inventory_policy: Text = ""
    inventory_quantity: Count = 0
    inventory_management: Text | None = "unsaid"


class VariantGid(Payload):
    admin_graphql_api_id: Text = ""


class Product(Payload):
    id: Ident
    title: str
    updated_at: Moment
    variants: Annotated[tuple[Variant, ...], Tolerated]
    variant_gids: Annotated[tuple[VariantGid, ...], Tolerated] = ()
    status: Text = "active"
    body_html: Text = ""
    vendor: Text = ""
    product_type: Text = ""
    handle: Text = ""
    tags: Text = ""
    published_at: Text | None = "unsaid"
    options: Annotated[tuple[Option, ...], Tolerated] = ()
    image: Image | None = None
    images: Annotated[tuple[Image, ...], Tolerated] = ()


class Deleted(Payload):
    id: Ident


def changed(body: dict[str, Any], shop: Shop) -> News:
    """A product as it is now: an item for each variant. What is a draft, archived or not published has none."""
    product = read(Product, body)
    if product.status != "active" or not product.published_at:
        return ProductNews(product.id, product.updated_at, {})
    text = fitting.short(plain(product.body_html), fitting.MOST_TEXT)
    items = {each.id: _item(product, each, text, shop) for each in product.variants}
    good = {id_: each for id_, each in items.items() if is_id(each.item_id)}
    told = {each.id for each in product.variants}
    gids = {each.admin_graphql_api_id.rpartition("/")[2] for each in product.variant_gids}
    return ProductNews(product.id, product.updated_at, good, frozenset(gids - told), bad=len(items) - len(good))


def deleted(body: dict[str, Any], _: Shop) -> News:
    """A product that is gone: the body is its number and nothing else."""
    if set(body) != {"id"}:
        raise UnmappedError("the body says more than which product is gone")
    return ProductGone(read(Deleted, body).id)


def _item(product: Product, variant: Variant, text: str | None, shop: Shop) -> ItemNews:
    values = (variant.option1, variant.option2, variant.option3)
    names = [each.name or f"option {n}" for n, each in enumerate(product.options, start=1)]
    chosen = choices(dict(zip(names, values, strict=False)))
    name = item_name(product.title, variant_title(chosen))
    said, stock = _stock(variant)
    fields = {
        "title": fitting.short(name, fitting.MOST_TITLE),
        "price": fitting.money(variant.price, shop.currency),
        "stock": stock,
        "category": fitting.short(product.product_type, fitting.MOST_NAME),
        "attributes": fitting.attributes(chosen | {"vendor": product.vendor}),
        "tags": fitting.tags(product.tags.split(",")),
        "text": text,
        "image_url": _image(product, variant),
        "url": fitting.url(f"{shop.url}/products/{product.handle}") if shop.url and product.handle else None,
        "group": product.id,
    }
    told = product.model_fields_set | variant.model_fields_set
    fields = {each: value for each, value in fields.items() if SAID_BY[each] in told}
    return ItemNews(item_id(variant.sku, name), fields, may_be_uncounted=not said)


def _stock(variant: Variant) -> tuple[bool, int | None]:
    """Whether it is said that the stock is counted, or that it does not matter; and what is left.

    Since its version 2024-07 the API does not say any more which variants it counts; those that it does not are at 0.
    """
    if variant.inventory_management in (None, "") or variant.inventory_policy == "continue":
        return True, None
    is_certain = variant.inventory_management != "unsaid" or variant.inventory_quantity > 0
    return is_certain, max(0, variant.inventory_quantity)


def _image(product: Product, variant: Variant) -> str | None:
    own = next((each.src for each in product.images if variant.image_id and each.id == variant.image_id), "")
    main = product.image.src if product.image else next((each.src for each in product.images), "")
    return fitting.url(own or main)
