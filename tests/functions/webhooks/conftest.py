"""A shop whose Shopify and WooCommerce know the secrets."""

import pytest

from tests.conftest import Keys
from tests.functions.api import Api
from tests.functions.webhooks.senders import SHOPIFY_SECRET, WOOCOMMERCE_SECRET, Shopify, WooCommerce, keep


@pytest.fixture
def api(keys: Keys) -> Api:
    keep("/regulars-test/shopify-webhook-secret", SHOPIFY_SECRET)
    keep("/regulars-test/woocommerce-webhook-secret", WOOCOMMERCE_SECRET)
    return Api(keys)


@pytest.fixture
def shopify(api: Api) -> Shopify:
    return Shopify(api)


@pytest.fixture
def woocommerce(api: Api) -> WooCommerce:
    return WooCommerce(api)
