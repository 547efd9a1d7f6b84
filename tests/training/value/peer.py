"""`lifetimes`, whose last release is of 2020: it works with today's pandas, which warns of what it does there."""

import warnings
from pathlib import Path

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import lifetimes
    from lifetimes import BetaGeoFitter, GammaGammaFitter

__all__ = ["DATA", "BetaGeoFitter", "GammaGammaFitter"]

DATA = Path(lifetimes.__file__).parent / "datasets"
