"""The encoder's forward pass in jax, which can be differentiated: what `graph.py` writes for serving."""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt

from training.sentiment.weights import Floats

DROPPED = 0.1
"""The share of numbers dropped at random after attention and after the wide map, while learning."""
TINY = 1e-9
HIDDEN = -10_000.0

type Layer = dict[str, jax.Array]


def layer_of(weights: dict[str, Floats], at: int) -> Layer:
    """The weights of one layer, without its name."""
    name = f"encoder.layer.{at}."
    return {key.removeprefix(name): jnp.asarray(each) for key, each in weights.items() if key.startswith(name)}


def embeddings(weights: dict[str, Floats]) -> Layer:
    """What words and places are embedded by; the one segment is in the places."""
    name = "embeddings."
    places = weights[f"{name}position_embeddings.weight"] + weights[f"{name}token_type_embeddings.weight"][0]
    gain, bias = weights[f"{name}LayerNorm.weight"], weights[f"{name}LayerNorm.bias"]
    parts = {"words": weights[f"{name}word_embeddings.weight"], "places": places, "gain": gain, "bias": bias}
    return {key: jnp.asarray(each) for key, each in parts.items()}


@partial(jax.jit, static_argnums=(4, 5))
def states_of(
    embedded: Layer, layers: list[Layer], ids: npt.NDArray[np.int32], mask: Floats, heads: int, epsilon: float
) -> jax.Array:
    """What the lower layers make of tokens [texts, tokens]: their states [texts, tokens, size]."""
    summed = embedded["words"][ids] + embedded["places"][: ids.shape[1]]
    x = _normalised(summed, embedded["gain"], embedded["bias"], epsilon)
    for layer in layers:
        x = _forward(layer, x, mask, heads, epsilon, None)
    return x


@partial(jax.jit, static_argnums=(5, 6))
def logits(
    layers: list[Layer], weights: Floats, bias: Floats, states: Floats, mask: Floats, heads: int, epsilon: float
) -> jax.Array:
    """What the directions say of the meanings that the upper layers make of states [texts, 2]."""
    return meaning(layers, states, mask, heads, epsilon, None) @ weights + bias


def meaning(
    layers: list[Layer], states: Any, mask: Any, heads: int, epsilon: float, key: jax.Array | None
) -> jax.Array:
    """The sum of the tokens' states, made as long as 1 [texts, size], as `Encoder` pools them."""
    x = jnp.asarray(states)
    for layer in layers:
        if key is not None:
            key, now = jax.random.split(key)
        x = _forward(layer, x, mask, heads, epsilon, None if key is None else now)
    total = (x * mask[:, :, None]).sum(axis=1)
    return total / jnp.sqrt((total * total).sum(axis=1, keepdims=True) + TINY)


def _forward(layer: Layer, x: jax.Array, mask: Any, heads: int, epsilon: float, key: jax.Array | None) -> jax.Array:
    """One transformer layer, as `graph.layer_of` writes it; with a key, numbers are dropped."""
    texts, tokens, size = x.shape
    first, second = (None, None) if key is None else jax.random.split(key)

    def linear(part: str, given: jax.Array) -> jax.Array:
        return given @ layer[f"{part}.weight"].T + layer[f"{part}.bias"]

    def split(part: str) -> jax.Array:
        return linear(f"attention.self.{part}", x).reshape(texts, tokens, heads, -1).transpose(0, 2, 1, 3)

    def normalised(part: str, given: jax.Array) -> jax.Array:
        return _normalised(given, layer[f"{part}.LayerNorm.weight"], layer[f"{part}.LayerNorm.bias"], epsilon)

    fits = split("query") @ split("key").transpose(0, 1, 3, 2) * (size // heads) ** -0.5
    shares = jax.nn.softmax(fits + ((1 - mask) * HIDDEN)[:, None, None, :], axis=-1)
    mixed = (shares @ split("value")).transpose(0, 2, 1, 3).reshape(texts, tokens, size)
    attended = normalised("attention.output", x + _dropped(linear("attention.output.dense", mixed), first))
    wide = jax.nn.gelu(linear("intermediate.dense", attended), approximate=False)
    return normalised("output", attended + _dropped(linear("output.dense", wide), second))


def _dropped(values: jax.Array, key: jax.Array | None) -> jax.Array:
    if key is None:
        return values
    return values * jax.random.bernoulli(key, 1 - DROPPED, values.shape) / (1 - DROPPED)


def _normalised(x: jax.Array, gain: Any, bias: Any, epsilon: float) -> jax.Array:
    mean = x.mean(axis=-1, keepdims=True)
    spread = ((x - mean) ** 2).mean(axis=-1, keepdims=True)
    return (x - mean) * jax.lax.rsqrt(spread + epsilon) * gain + bias
