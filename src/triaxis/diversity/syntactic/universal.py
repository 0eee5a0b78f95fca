"""Penn Treebank tags as the seventeen universal ones (Petrov et al. 2012; Universal Dependencies, English conversion table)."""

_PENN = {
    "ADJ": "JJ JJR JJS AFX",
    "ADP": "IN RP",
    "ADV": "RB RBR RBS WRB",
    "CCONJ": "CC",
    "DET": "DT PDT WDT",
    "INTJ": "UH",
    "NOUN": "NN NNS",
    "NUM": "CD",
    "PART": "POS TO",
    "PRON": "PRP PRP$ WP WP$ EX",
    "PROPN": "NNP NNPS",
    "PUNCT": ". , : `` '' -LRB- -RRB- -LSB- -RSB- HYPH NFP",
    "SYM": "$ SYM",
    "VERB": "VB VBD VBG VBN VBP VBZ MD",
    "X": "FW LS XX ADD GW",
}

UNIVERSAL: dict[str, str] = {penn: universal for universal, tags in _PENN.items() for penn in tags.split()}
"""Penn tag -> universal tag. Auxiliaries count as verbs, `that` and `if` as adpositions: Penn tags do not tell them apart."""
