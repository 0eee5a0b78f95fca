"""A tiny BERT with its own tokenizer, random weights from a seed, saved as a plain or a sentence-transformers folder."""

import json
from pathlib import Path

LETTERS = "abcdefghijklmnopqrstuvwxyz"
LONGEST = 24


def save_bert(folder: Path, *, seed: int = 0, width: int = 32) -> Path:
    """A two-layer BertModel over letters in `folder`, as safetensors with tokenizer.json."""
    import torch
    from transformers import BertConfig, BertModel

    torch.manual_seed(seed)
    tokenizer = _tokenizer()
    config = BertConfig(
        vocab_size=tokenizer.get_vocab_size(), hidden_size=width, num_hidden_layers=2, num_attention_heads=4,
        intermediate_size=2 * width, max_position_embeddings=LONGEST, initializer_range=0.5,
    )  # fmt: skip
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    _save_tokenizer(tokenizer, folder)
    return folder


def save_sentence_transformer(folder: Path, **settings: object) -> Path:
    """The same weights behind pooling `mode`, a default `prompt` and `max_seq_length`, as sentence-transformers saves them."""
    save_bert(folder)
    pooling = {"word_embedding_dimension": 32, f"pooling_mode_{settings.get('mode', 'mean_tokens')}": True}
    if settings.get("mode", "mean_tokens") != "mean_tokens":
        pooling["pooling_mode_mean_tokens"] = False
    kinds = ("Transformer", "Pooling", "Normalize")
    paths = ("", "1_Pooling", "2_Normalize")
    types = [f"sentence_transformers.models.{kind}" for kind in kinds]
    modules = [{"idx": i, "name": str(i), "path": paths[i], "type": types[i]} for i in range(3)]
    (folder / "1_Pooling").mkdir()
    _write(folder / "modules.json", modules)
    _write(folder / "1_Pooling" / "config.json", pooling)
    _write(folder / "sentence_bert_config.json", {"max_seq_length": settings.get("max_seq_length", 12), "do_lower_case": False})
    prompt = settings.get("prompt")
    if prompt:
        _write(folder / "config_sentence_transformers.json", {"prompts": {"p": prompt}, "default_prompt_name": "p"})
    return folder


def _write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content), encoding="utf-8")


def _tokenizer():  # type: ignore[no-untyped-def]
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    names = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *LETTERS, *(f"##{letter}" for letter in LETTERS)]
    vocabulary = {name: number for number, name in enumerate(names)}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token=names[1], max_input_chars_per_word=1000))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    return tokenizer


def _save_tokenizer(tokenizer, folder: Path) -> None:  # type: ignore[no-untyped-def]
    from transformers import PreTrainedTokenizerFast

    special = {f"{name}_token": f"[{name.upper()}]" for name in ("pad", "unk", "cls", "sep", "mask")}
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=LONGEST, **special)
    fast.model_input_names = ["input_ids", "token_type_ids", "attention_mask"]
    fast.save_pretrained(folder)
