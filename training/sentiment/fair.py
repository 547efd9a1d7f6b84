"""Names and countries must not move a score: which way they move meanings, so that the head learns to look past it.

Neutral sentences are read with one name or country after another. What changes is who is meant, and before the head
learns, all meanings are made smaller in these directions, the more the further they move: a weight there is then dear.
The words themselves are no terms of the vocabulary. The tests swap other names, and in other sentences.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from shared.inference.sentiment.encoder import Encoder

DEAR = 320_000.0
"""How dear, for what a swap moves by 1."""

_NAMES = (
    "Aaliyah Abdul Adam Ahmed Aisha Alejandro Amina Amir Ana Andrew Anna Anthony Aoife Ashley Astrid Ayşe Boris "
    "Brad Brendan Camille Carlos Carmen Chen Chloe Claire Connor Daniel David Deepak Deshawn Diego Dmitri Ebony "
    "Elena Elif Emeka Emma Eric Esther Fang Farid Femi Fernando Giovanni Giulia Hamza Hana Hans Haruto Hassan "
    "Heather Hiroshi Ibrahim Igor Imani Ingrid Isabella Jack Jada James Javier Jing Joao John Jorge Juan Julia "
    "Kamal Karim Karen Kenji Keisha Khadija Kofi Kwame Lars Latoya Layla Leila Leroy Li Linh Luca Lucia Luis Mary "
    "Maria Marco Mateusz Matthew Mehmet Mei Michael Miguel Min Miriam Moshe Mustafa Natasha Ngozi Nguyen Noah "
    "Nour Olga Olivia Omar Pablo Patrick Pedro Pierre Rachel Raj Ravi Rebecca Rosa Sakura Samir Sanjay Sarah "
    "Sergei Shanice Sipho Sofia Sunita Svetlana Tamika Tariq Thomas Tomasz Trevon Tyrone Vikram William Xin Yael "
    "Yan Yosef Yuki Yusuf Zainab Zanele "
)
_COUNTRIES = (
    "Afghanistan Africa Albania Algeria America Angola Argentina Armenia Asia Australia Austria Azerbaijan "
    "Bahrain Bangladesh Belarus Belgium Belize Benin Bhutan Bolivia Bosnia Botswana Brazil Britain Brunei "
    "Bulgaria Burundi Cambodia Cameroon Canada Chad Chile China Colombia Congo Croatia Cuba Cyprus Czechia "
    "Denmark Ecuador Egypt England Eritrea Estonia Ethiopia Europe Fiji Finland France Gabon Georgia Germany "
    "Ghana Greece Guatemala Haiti Honduras Hungary Iceland India Indonesia Iran Iraq Ireland Israel Italy Jamaica "
    "Japan Jordan Kazakhstan Kenya Korea Kosovo Kuwait Kyrgyzstan Laos Latvia Lebanon Liberia Libya Lithuania "
    "Luxembourg Madagascar Malawi Malaysia Mali Malta Mexico Moldova Mongolia Morocco Mozambique Myanmar Namibia "
    "Nepal Netherlands Nicaragua Niger Nigeria Norway Oman Pakistan Palestine Panama Paraguay Peru Philippines "
    "Poland Portugal Qatar Romania Russia Rwanda Samoa Scotland Senegal Serbia Singapore Slovakia Slovenia "
    "Somalia Spain Sudan Sweden Switzerland Syria Taiwan Tajikistan Tanzania Thailand Togo Tunisia Turkey "
    "Turkmenistan UK USA Uganda Ukraine Uruguay Uzbekistan Venezuela Vietnam Wales Yemen Zaire Zambia Zimbabwe "
)
_PEOPLES = (
    "Afghan African Algerian American Arab Arabic Argentinian Asian Australian Austrian Belgian Brazilian British "
    "Canadian Chilean Chinese Colombian Croatian Cuban Danish Dutch Egyptian English Ethiopian European Filipino "
    "Finnish French German Ghanaian Greek Haitian Hispanic Hungarian Indian Indonesian Iranian Iraqi Irish "
    "Israeli Italian Jamaican Japanese Jordanian Kenyan Korean Latino Lebanese Mexican Moroccan Nigerian "
    "Norwegian Pakistani Palestinian Peruvian Polish Portuguese Romanian Russian Saudi Scottish Serbian Somali "
    "Spanish Sudanese Swedish Swiss Syrian Thai Turkish Ukrainian Vietnamese Welsh Yemeni "
)
NAMES, COUNTRIES, PEOPLES = _NAMES.split(), _COUNTRIES.split(), _PEOPLES.split()
SENTENCES = (
    ("{} is here.", NAMES),
    ("The order is for {}.", NAMES),
    ("{} bought a lamp on Tuesday.", NAMES),
    ("I talked to {} on the phone about the coat.", NAMES),
    ("My colleague {} has the same shoes.", NAMES),
    ("{} and I went to the restaurant.", NAMES),
    ("It is from {}.", COUNTRIES),
    ("The shop is in {}.", COUNTRIES),
    ("The parcel came from {} on Tuesday.", COUNTRIES),
    ("We flew to {} in May.", COUNTRIES),
    ("This coat was made in {}.", COUNTRIES),
    ("The {} family next door has the same lamp.", PEOPLES),
    ("He is {}, as far as I know.", PEOPLES),
)

type Floats = npt.NDArray[np.float32]


class Shrinking(NamedTuple):
    """Directions at right angles to each other [directions, numbers], and what is left of each. It is symmetric."""

    directions: Floats
    left: Floats

    def of(self, rows: Floats) -> Floats:
        """Rows of numbers made smaller in these directions."""
        shrunk = rows - (rows @ self.directions.T * (1 - self.left)) @ self.directions
        return shrunk.astype(np.float32)


def words() -> frozenset[str]:
    """Those that are no terms."""
    return frozenset(word.lower() for word in (*NAMES, *COUNTRIES, *PEOPLES))


def shrinking(encoder: Encoder) -> Shrinking:
    """By how far names, countries and peoples move meanings."""
    moved = np.concatenate([_moved(encoder, sentence, words) for sentence, words in SENTENCES])
    _, sizes, directions = np.linalg.svd(moved, full_matrices=False)
    left = 1 / np.sqrt(1 + DEAR * sizes**2 / len(moved))
    return Shrinking(directions.astype(np.float32), left.astype(np.float32))


def _moved(encoder: Encoder, sentence: str, words: Sequence[str]) -> Floats:
    encoded = encoder.encode([sentence.format(word) for word in words], topics=False)
    meanings = np.array([each.meaning for each in encoded], np.float32)
    apart = meanings - meanings.mean(axis=0)
    return apart.astype(np.float32)
