"""What is believed of a shop before it has enough of its own customers: what other shops were found to be like.

The centres lie between a music shop (CDNOW, 2,357 customers), a grocer (Complete Journey, 2,469 households) and a third
data set of 5,000, each fitted by itself; the spreads, of logarithms, let every one of them in (infra/decisions.md).
"""

from training.value.likelihood import Prior

ENOUGH = 100
"""From so many repeat buyers on a shop speaks for itself."""

RATES = Prior(centre=(0.5, 4.0, 0.5, 4.0), spread=(1.0, 1.5, 1.0, 1.2))
AMOUNTS = Prior(centre=(2.5, 3.5, 1.0), spread=(1.0, 0.4, 1.0))
"""Of a shop whose average order is worth 1."""
