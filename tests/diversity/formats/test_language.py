"""Languages: sentences nobody doubts, and texts that do not say."""

import pytest

from triaxis.diversity.formats import language_of

SENTENCES = {
    "en": "The boy is in the garden with his old dog.",
    "de": "Der Junge ist mit dem alten Hund im Garten.",
    "fr": "Le garçon est dans le jardin avec son chien.",
    "es": "El niño está en el jardín con su perro y los gatos.",
    "it": "Il ragazzo è nel giardino con il suo cane e gli amici della zia.",
    "pt": "O menino não está em casa, foi ao jardim com uma amiga.",
    "nl": "De jongen is met zijn hond in het park en niet op school.",
    "sv": "Pojken är i trädgården och leker med en hund som inte skäller.",
    "pl": "Chłopiec jest w ogrodzie i nie wie, że pies się zgubił.",
    "ru": "Мальчик был в саду, и с ним была его собака.",
    "uk": "Хлопець був у саду, і з ним був його собака.",
    "ja": "男の子は庭で犬と遊んでいます。",
    "zh": "男孩在花园里和狗玩。",
    "ko": "소년은 정원에서 개와 놀고 있다.",
    "ar": "الولد في الحديقة مع كلبه.",
    "he": "הילד בגינה עם הכלב שלו.",
    "el": "Το αγόρι είναι στον κήπο με τον σκύλο του.",
    "hi": "लड़का बगीचे में कुत्ते के साथ है।",
    "th": "เด็กชายอยู่ในสวนกับสุนัข",
}


@pytest.mark.parametrize(("language", "text"), SENTENCES.items())
def test_a_sentence_is_in_its_language(language: str, text: str) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize("text", ["", "42", "xyzzy", "Blue.", "\x00" * 1_000, "🦜🦜", "f(a, b) = a + b", "x" * 100_000])
def test_too_little_to_tell_is_unknown(text: str) -> None:
    assert language_of(text) == "unknown"


def test_a_foreign_word_does_not_change_the_language() -> None:
    assert language_of("The word for it in Japanese is 木漏れ日 and there is no word in English.") == "en"
