"""What the webhooks function is told by its environment."""

from shared.domain.settings import ConsentSettings


class WebhooksSettings(ConsentSettings):
    """Names of the table, the queue and the secrets; what the shop systems do not say of products."""

    table_name: str
    queue_url: str
    pepper_parameter: str
    shopify_secret_parameter: str
    woocommerce_secret_parameter: str
    shop_currency: str
    shop_url: str
