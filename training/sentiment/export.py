"""The head as files: graphs by skl2onnx that take numbers and give probabilities, and the numbers around them."""

import io
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType
from sklearn.linear_model import LogisticRegression

from shared.inference.sentiment.card import FAST, FULL, NUMBERS, RATINGS, VOCABULARY
from training.sentiment.features import Features
from training.sentiment.fit import BRANCH, Fitted

type Numbers = npt.NDArray[np.floating[Any]]

OPSETS = {"": 20, "ai.onnx.ml": 3}
NOTICE = """# Words and their ratings from -4 to 4: the lexicon published with VADER, https://github.com/cjhutto/vaderSentiment
# The MIT License (MIT), Copyright (c) 2016 C.J. Hutto. Permission is hereby granted, free of charge, to any person
# obtaining a copy of this software and associated documentation files (the "Software"), to deal in the Software
# without restriction, including without limitation the rights to use, copy, modify, merge, publish, distribute,
# sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so,
# subject to the following conditions: The above copyright notice and this permission notice shall be included in all
# copies or substantial portions of the Software. THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND,
# EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE
# AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
# LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE
# SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
# And customers' words that this list lacks, rated in training/sentiment/customers.py.
"""


def head_files(head: Fitted, features: Features, ratings: Mapping[str, float]) -> dict[str, bytes]:
    """The files of card.HEAD. The same head gives the same bytes."""
    rated = "".join(f"{word}\t{rating}\n" for word, rating in sorted(ratings.items()))
    return {
        NUMBERS: _numbers(head, features),
        VOCABULARY: "".join(f"{term}\n" for term in features.vocabulary.places).encode(),
        RATINGS: (NOTICE + rated).encode(),
        FULL: graph(head.full),
        FAST: graph(head.fast),
    }


def graph(model: LogisticRegression) -> bytes:
    """A regression as a graph from `numbers` to `probabilities`, without operators on strings."""
    shape = [("numbers", FloatTensorType([None, model.n_features_in_]))]
    written = to_onnx(model, initial_types=shape, options={"zipmap": False}, target_opset=OPSETS, name="head")
    content: bytes = written.SerializeToString(deterministic=True)
    return content


def _numbers(head: Fitted, features: Features) -> bytes:
    terms = head.bases.models[:2]
    weights, bias = _meaning(head, features)
    arrays = {
        "rarity": features.rarity,
        "term_weights": np.column_stack([model.coef_[0] for model in terms]),
        "term_bias": np.concatenate([model.intercept_ for model in terms]),
        "meaning_weights": weights,
        "meaning_bias": bias,
        "margin_full": head.full.coef_[2] - head.full.coef_[0],
        "margin_fast": head.fast.coef_[2] - head.fast.coef_[0],
    }
    content = io.BytesIO()
    np.savez_compressed(content, **{name: values.astype(np.float32) for name, values in arrays.items()})
    return content.getvalue()


def _meaning(head: Fitted, features: Features) -> tuple[Numbers, Numbers]:
    """The weights [numbers, logits] and biases of all that reads meanings: the branch's numbers come first."""
    meanings, felt = head.bases.models[2:], head.bases.felt
    weights = features.shrinking.of(np.array([model.coef_[0] for model in meanings])).T
    bias = np.concatenate([model.intercept_ for model in meanings])
    if felt is None:
        return weights, bias
    beside = np.block(
        [
            [np.zeros((len(felt.branch.weights), weights.shape[1])), felt.branch.weights],
            [weights, np.zeros((len(weights), BRANCH))],
        ]
    )
    return beside, np.concatenate([bias, felt.branch.bias])
