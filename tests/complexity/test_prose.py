"""Words, sentences, syllables, English: the rules, and where they are known to give way."""

import pytest

from triaxis.complexity.prose import is_english, sentences, syllables, words


def test_words_keep_hyphens_and_apostrophes_inside() -> None:
    assert words("Don't stop-me 'now', they said") == ["Don't", "stop-me", "now", "they", "said"]


def test_words_of_other_scripts_are_whole() -> None:
    assert words("Ein Käfer läuft; ein naïver e\u0301tage") == ["Ein", "Käfer", "läuft", "ein", "naïver", "e\u0301tage"]
    assert words("हिन्दी में लिखा") == ["हिन्दी", "में", "लिखा"]
    assert words("한국어 문장") == ["한국어", "문장"]


def test_a_chinese_character_counts_as_a_word() -> None:
    assert words("数学 is 难") == ["数", "学", "is", "难"]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("One. Two! Three? Four…", 4), ("It costs 3.50 e.g. at noon.", 1), ("Mr. Smith and Dr. Jones left.", 1), ("No stop", 1),
        ("A title\n\nThen a text.", 2), ("- one\n- two\n- three", 3), ("1. one\n2. two", 2), ("wrapped\nline here.", 1),
        ("He said \"Go.\" She went.", 2), ("他来了。她走了！", 2), ("", 0), ("...", 0), ("wait... what", 1),
    ],
)  # fmt: skip
def test_sentences_end_where_a_reader_ends_them(text: str, count: int) -> None:
    assert len(sentences(text)) == count


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("cat", 1), ("water", 2), ("banana", 3), ("information", 4), ("the", 1), ("apples", 2), ("boxes", 2), ("wanted", 2),
        ("jumped", 1), ("science", 2), ("quiet", 2), ("nation", 2), ("radio", 3), ("don't", 1), ("well-known", 2), ("rhythm", 2),
        ("lovely", 2), ("something", 2), ("I", 1), ("x2", 1),
    ],
)  # fmt: skip
def test_syllables_of_common_words_are_right(word: str, count: int) -> None:
    assert syllables(word) == count


@pytest.mark.parametrize(
    ("text", "english"),
    [
        ("The theory explains why the sky is blue and how light is scattered by air.", True),
        ("Die Theorie erklärt, warum der Himmel blau ist und wie das Licht in der Luft gestreut wird.", False),
        ("La teoría explica por qué el cielo es azul y cómo la luz se dispersa en el aire.", False),
        ("Il pleut depuis ce matin et je ne sais pas si le train partira avant la nuit.", False),
        ("def f ( x ) : y = x + one + two + three + four + five", False), ("Blue sky", True), ("x = f(y)", False),
        ("Голубое небо", False), ("12 34", False),
    ],
)  # fmt: skip
def test_english_is_told_from_other_languages_and_code(text: str, english: bool) -> None:
    assert is_english(text, words(text)) is english
