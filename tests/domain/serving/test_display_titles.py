"""Titles as people say them."""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path

import pytest

from domain.contract.titles import split_title, title_words
from domain.serving.display_titles import ARTICLES, display_title

SAID = {
    "Shawshank Redemption, The": "The Shawshank Redemption",
    "Walk in the Clouds, A": "A Walk in the Clouds",
    "Affair to Remember, An": "An Affair to Remember",
    "City of Lost Children, The (Cité des enfants perdus, La)": (
        "The City of Lost Children (La Cité des enfants perdus)"
    ),
    "Hate (Haine, La)": "Hate (La Haine)",
    "Colonel Chabert, Le": "Le Colonel Chabert",
    "Misérables, Les": "Les Misérables",
    "Bear, The (Ours, L')": "The Bear (L'Ours)",
    "Bear, The (Ours, L’)": "The Bear (L’Ours)",
    "Lady and the Duke, The (Anglaise et le duc, L')": "The Lady and the Duke (L'Anglaise et le duc)",
    "Postman, The (Postino, Il)": "The Postman (Il Postino)",
    "Impossible, The (Imposible, Lo)": "The Impossible (Lo Imposible)",
    "Vitelloni, I (a.k.a. The Young and the Passionate)": "I Vitelloni (a.k.a. The Young and the Passionate)",
    "Mariachi, El": "El Mariachi",
    "Young and the Damned, The (Olvidados, Los)": "The Young and the Damned (Los Olvidados)",
    "Wings of Desire (Himmel über Berlin, Der)": "Wings of Desire (Der Himmel über Berlin)",
    "Tin Drum, The (Blechtrommel, Die)": "The Tin Drum (Die Blechtrommel)",
    "Boot, Das (Boat, The)": "Das Boot (The Boat)",
    "Trou, Le (Hole, The) (Night Watch, The)": "Le Trou (The Hole) (The Night Watch)",
    "Woman Is a Woman, A (femme est une femme, Une)": "A Woman Is a Woman (Une femme est une femme)",
    "Passion of Anna, The (Passion, En)": "The Passion of Anna (En Passion)",
    "Seventh Seal, The (Sjunde inseglet, Det)": "The Seventh Seal (Det Sjunde inseglet)",
    "Hip Hop Witch, Da": "Da Hip Hop Witch",
    "City of the Living Dead (a.k.a. Gates of Hell, The) (Paura nella città dei morti viventi)": (
        "City of the Living Dead (a.k.a. The Gates of Hell) (Paura nella città dei morti viventi)"
    ),
    "Good, the Bad and the Ugly, The (Buono, il brutto, il cattivo, Il)": (
        "The Good, the Bad and the Ugly (Il Buono, il brutto, il cattivo)"
    ),
    "Lord of the Rings: The Fellowship of the Ring, The": "The Lord of the Rings: The Fellowship of the Ring",
    "City of God (Cidade de Deus, A)": "City of God (A Cidade de Deus)",
    "Maias, Os": "Os Maias",
    "Shawshank Redemption, The (1994)": "The Shawshank Redemption (1994)",
    "Matrix,The": "The Matrix",
    "Crow, The: Wicked Prayer": "The Crow: Wicked Prayer",
    "Power of Nightmares, The: The Rise of the Politics of Fear": (
        "The Power of Nightmares: The Rise of the Politics of Fear"
    ),
}
AS_THEY_ARE = [
    "Three Colors: Blue (Trois couleurs: Bleu)",
    "Seven Samurai (Shichinin no samurai)",
    "Die, Mommie, Die",
    "Die, Mommie, Die!",
    "Me, Myself & Irene",
    "Me, Myself, I",
    "I, Robot",
    "Paris, Texas",
    "Steamboat Bill, Jr.",
    "Kiss Me, Guido",
    "Yesterday, Today and Tomorrow (Ieri, oggi, domani)",
    "Lust, Caution (Se, jie)",
    "10,000 BC",
    "Strike! (a.k.a. All I Wanna Do, The Hairy Bird)",
    "Evangelion: 1.0 You Are (Not) Alone (Evangerion shin gekijôban: Jo)",
    "(500) Days of Summer",
    "Story of O",
    "The Matrix",
    "The",
    ", The",
    "(",
    "Odd (bracket, The",
    "  spaces  ",
    "",
]


@pytest.mark.parametrize("title", SAID)
def test_an_article_at_the_end_goes_to_the_front(title: str) -> None:
    assert display_title(title) == SAID[title]


@pytest.mark.parametrize("title", AS_THEY_ARE)
def test_every_other_title_stays_as_it_is(title: str) -> None:
    assert display_title(title) == title


@pytest.mark.parametrize("article", sorted(ARTICLES))
def test_every_article_of_every_language_is_known(article: str) -> None:
    said = display_title(f"Xyz abc, {article}")
    assert said == (f"{article}Xyz abc" if article[-1] in "'’" else f"{article} Xyz abc")
    assert display_title(f"Other (Xyz abc, {article})") == f"Other ({said})"


def test_the_real_titles_keep_their_words_are_said_once_and_leave_no_article_behind(movielens_small: Path) -> None:
    with (movielens_small / "movies.csv").open(encoding="utf-8", newline="") as file:
        titles = [split_title(row["title"])[0] for row in csv.DictReader(file)]
    said = [display_title(title) for title in titles]
    assert sum(one != other for one, other in zip(titles, said, strict=True)) > 1900
    for title, shown in zip(titles, said, strict=True):
        assert Counter(title_words(title)) == Counter(title_words(shown))
        assert display_title(shown) == shown
    behind = re.compile(rf", ({'|'.join(ARTICLES)})(?=$|[):])")
    assert [shown for shown in said if behind.search(shown)] == []


def test_the_real_catalogue_has_its_titles_as_people_say_them(netflix: Path) -> None:
    with (netflix / "titles.csv").open(encoding="utf-8", newline="") as file:
        assert [row["title"] for row in csv.DictReader(file) if display_title(row["title"]) != row["title"]] == []
