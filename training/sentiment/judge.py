"""How a head does on domains that it was not trained on."""

import numpy as np

from shared.inference.sentiment.card import Abstention, Domain
from training.sentiment.data import Texts
from training.sentiment.features import Features, Floats
from training.sentiment.fit import Bases, Fitted, Mask, Tune, domains_of, fit, folds
from training.sentiment.metrics import calibration_error, macro_f1

ABSTAIN_BELOW = 0.5


def by_domain(
    texts: Texts, features: Features, known: dict[bytes, Bases], tune: Tune | None = None
) -> tuple[dict[str, Domain], Abstention]:
    """Each domain judged by a head that learned from the others; what abstaining would have meant there."""
    everything = np.ones(len(texts.texts), bool)
    domains = domains_of(texts, everything)
    judged, confidences = dict[str, Domain](), list[tuple[Floats, Mask]]()
    for domain, left_out in zip(domains, folds(texts, everything), strict=False) if len(domains) > 1 else ():
        at = texts.domains == domain
        head = fit(texts, features, ~left_out, known, tune)
        judged[domain] = _domain(texts, features, head, at)
        said = at & (texts.labels >= 0)
        found = head.probabilities(features, said, full=True)
        confidences.append((found.max(axis=1), found.argmax(axis=1) == texts.labels[said]))
    return judged, _abstention(confidences)


def _domain(texts: Texts, features: Features, head: Fitted, at: Mask) -> Domain:
    felt, known = at & ~np.isnan(texts.positive), at & (texts.labels >= 0)
    positive = texts.positive[felt] == 1
    found = {full: _of_two(head.probabilities(features, felt, full=full)) for full in (True, False)}
    three = head.probabilities(features, known, full=True).argmax(axis=1)
    confidence = np.maximum(found[True], 1 - found[True])
    right = (found[True] > 0.5) == positive
    return Domain(
        texts=int(felt.sum()),
        accuracy=round(float(right.mean()), 4),
        fast_accuracy=round(float(((found[False] > 0.5) == positive).mean()), 4),
        calibration_error=round(calibration_error(confidence, right), 4),
        three_classes=round(macro_f1(texts.labels[known], three), 4) if (texts.neutral[at] == 1).any() else None,
    )


def _of_two(found: Floats) -> Floats:
    """How likely positive, where only positive and negative may be."""
    return found[:, 2] / (found[:, 0] + found[:, 2])


def _abstention(confidences: list[tuple[Floats, Mask]]) -> Abstention:
    if not confidences:
        return Abstention(below=ABSTAIN_BELOW, share=0.0, right=0.0)
    confidence = np.concatenate([each for each, _ in confidences])
    right = np.concatenate([each for _, each in confidences])
    sure = confidence >= ABSTAIN_BELOW
    share, often = round(float((~sure).mean()), 4), round(float(right[sure].mean()), 4)
    return Abstention(below=ABSTAIN_BELOW, share=share, right=often)
