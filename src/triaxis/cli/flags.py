"""The flags of the verbs, one type each, so that a command itself reads as a list of names; panels group them in `--help`."""

from pathlib import Path
from typing import Annotated

import typer

from triaxis.records import CANONICAL

SAMPLES = "Samples"
INPUT = "Input"
BAR = "Quality and equivalence"
SHOWN = "What is shown"
STATISTICS = "Statistics"
LEVELS = "Levels of diversity, and complexity"
ANSWERS = "Several models, domains, checkpoints or rows together"
OUTPUT = "Output"

Files = Annotated[
    list[str],
    typer.Argument(
        metavar="FILE...",
        show_default=False,
        rich_help_panel=SAMPLES,
        help="JSONL, JSON, CSV, Parquet or Arrow files, folders of them, a quoted glob, an address such as s3://..., or - for "
        "standard input. Or folders that earlier runs wrote: their counts are added and measured again. A name that starts with "
        "a dash is typed ./-NAME.",
    ),
]
Map = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME=COLUMN",
        show_default=False,
        rich_help_panel=INPUT,
        help="Take NAME from your column COLUMN, as in --map response=output; --map NAME= ignores what is there. Repeat it for "
        f"several. The names: {', '.join(CANONICAL)}.",
    ),
]
By = Annotated[
    list[str] | None,
    typer.Option(
        metavar="COLUMN",
        show_default=False,
        rich_help_panel=INPUT,
        help="Compare by this column, or by meta.KEY inside a JSON column, instead of by model. Several are separated by commas.",
    ),
]
Strict = Annotated[
    bool,
    typer.Option(
        "--strict",
        metavar="",
        rich_help_panel=INPUT,
        help="Stop at the first row that cannot be used, instead of setting such rows aside in rejects.jsonl.",
    ),
]
Quality = Annotated[
    str | None,
    typer.Option(
        metavar="COLUMN",
        show_default=False,
        rich_help_panel=BAR,
        help="The column, or meta.KEY, that says how good each sample is; higher is better. Or a checker that reads the answer: "
        "expression, game-of-24. Left out, a column called quality is used; without one nothing is gated and every sample counts "
        "as usable.",
    ),
]
QualitySource = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        show_default=False,
        rich_help_panel=BAR,
        help="Use only scores whose quality_source is NAME. Left out, each source is measured apart, since two judges are two "
        "scales.",
    ),
]
Judge = Annotated[
    str | None,
    typer.Option(
        metavar="MODEL",
        show_default=False,
        rich_help_panel=BAR,
        help="The model that gave the scores, for the caution that a judge may favour its own family.",
    ),
]
Equivalence = Annotated[
    str,
    typer.Option(
        metavar="RULE",
        rich_help_panel=BAR,
        help="When two answers count as the same. lexical: most words are shared (lexical:0.7 asks for more); exact: equal "
        "texts; normalised: equal but for case, punctuation and spacing; column:NAME: equal labels in that column, where labels "
        "only mean something among one model's answers to one prompt; column:NAME@prompt: the same where all models share the "
        "labels of a prompt, column:NAME@set where all prompts do; topical: near in an encoder's space, which sees the topic "
        "and not one decisive word (topical:ENCODER, topical:0.9); expression: equal as arithmetic; one-class: all the same, "
        "so that the figure is pass@n.",
    ),
]
Gates = Annotated[
    str | None,
    typer.Option(
        metavar="FILE",
        show_default=False,
        rich_help_panel=BAR,
        help="A file that gives domains bars of their own: domain, quality, source, floor, equivalence, in TOML or as a table.",
    ),
]
UnitName = Annotated[
    str,
    typer.Option(
        "--unit",
        metavar="UNIT",
        rich_help_panel=BAR,
        help="What a cell is. prompt: a model's answers to one prompt. set: all its answers in a domain, for data with one "
        "answer per prompt; how different answers are within and across prompts are two figures.",
    ),
]
Models = Annotated[
    str | None,
    typer.Option(
        metavar="FILE",
        show_default=False,
        rich_help_panel=INPUT,
        help="A table with what is known of the models: model, family, stage, base, parameters, price_in, price_out (money for a "
        "million tokens). For figures per cost, curves over size, and base models against tuned ones.",
    ),
]
Floor = Annotated[
    list[float] | None,
    typer.Option(
        metavar="NUMBER",
        show_default=False,
        rich_help_panel=SHOWN,
        help="Show this quality floor exactly, besides the quality values that occur. Repeat it for several.",
    ),
]
Budget = Annotated[
    list[int] | None,
    typer.Option(
        metavar="N",
        show_default=False,
        rich_help_panel=SHOWN,
        help="Show what N draws per prompt give, besides the default numbers of draws. Repeat it for several.",
    ),
]
Compare = Annotated[
    list[str] | None,
    typer.Option(
        metavar="MODEL",
        show_default=False,
        rich_help_panel=SHOWN,
        help="Compare these models: give it at least twice. Left out, up to 20 models with most prompts are compared.",
    ),
]
Examples = Annotated[
    int,
    typer.Option(
        metavar="N",
        rich_help_panel=SHOWN,
        help="Keep the answers to N prompts for looking at. With 0, texts are read only if the equivalence needs them.",
    ),
]
ShowPrompt = Annotated[
    list[str] | None,
    typer.Option(
        metavar="ID",
        show_default=False,
        rich_help_panel=SHOWN,
        help="Keep the answers to the prompt with this prompt_id, too. Repeat it for several.",
    ),
]
DeltaText = Annotated[
    str,
    typer.Option(
        "--delta",
        metavar="SIZE",
        rich_help_panel=STATISTICS,
        help="Differences up to this size are not worth naming: a share of the larger value such as 10%, or a number of "
        "different answers such as 0.25.",
    ),
]
Draws = Annotated[
    int,
    typer.Option(
        metavar="N",
        rich_help_panel=STATISTICS,
        help="How often prompts are drawn anew for an interval (a bootstrap); at least 200.",
    ),
]
Seed = Annotated[
    int,
    typer.Option(
        min=0,
        metavar="N",
        rich_help_panel=STATISTICS,
        help="The seed of every random choice; the same seed and samples give the same result.",
    ),
]
Metrics = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME",
        show_default=False,
        rich_help_panel=LEVELS,
        help="Compute these diversity metrics, separated by commas, such as distinct:3,vendi:2. Left out, one for each level "
        "(lexical, syntactic, semantic, behavioural, format); none computes none. The names: triaxis metrics.",
    ),
]
AllMetrics = Annotated[
    bool,
    typer.Option("--all-metrics", metavar="", rich_help_panel=LEVELS, help="Compute every diversity metric there is."),
]
EmbedderName = Annotated[
    str | None,
    typer.Option(
        "--embedder",
        metavar="NAME",
        show_default=False,
        rich_help_panel=LEVELS,
        help="The encoder for metrics on vectors: minilm, minilm:bfloat16, hf:NAME_OR_PATH, openai:MODEL@URL. Left out, such "
        "metrics are not run, unless the equivalence has an encoder.",
    ),
]
LevelPrompts = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        show_default=False,
        rich_help_panel=LEVELS,
        help="Measure the levels on N prompts, chosen by seed. Left out, 500; with --unit set, 20,000.",
    ),
]
SetSize = Annotated[
    int | None,
    typer.Option(
        "--set-size",
        metavar="N",
        show_default=False,
        rich_help_panel=LEVELS,
        help="How many usable answers a set holds for metrics that grow with their number, so that all cells compare. Left out, "
        "5, or fewer where most prompts have fewer.",
    ),
]
Complexities = Annotated[
    list[str] | None,
    typer.Option(
        "--complexity",
        metavar="NAME",
        show_default=False,
        rich_help_panel=LEVELS,
        help="Compute these complexity measures, separated by commas, such as words,reasoning-steps; triaxis score --list names "
        "all. Left out, words; none computes none.",
    ),
]
Trust = Annotated[
    bool,
    typer.Option(
        "--trust",
        metavar="",
        rich_help_panel=LEVELS,
        help="Say which of these metrics to distrust on these samples, and why.",
    ),
]
Robust = Annotated[
    bool,
    typer.Option(
        "--robust",
        metavar="",
        rich_help_panel=STATISTICS,
        help="Count every flip again under other thresholds, other partition rules and other equivalences, up to nine, and say "
        "under which share of them it holds. Each one reads and classes the samples once more.",
    ),
]
RobustRule = Annotated[
    list[str] | None,
    typer.Option(
        "--robust-rule",
        metavar="RULE",
        show_default=False,
        rich_help_panel=STATISTICS,
        help="With --robust, count flips again under this equivalence instead of the chosen nine, as in --robust-rule "
        "lexical:0.5/union-find. Repeat it for several.",
    ),
]
LabelledPairs = Annotated[
    str | None,
    typer.Option(
        "--labelled-pairs",
        metavar="FILE",
        show_default=False,
        rich_help_panel=STATISTICS,
        help="Pairs of answers with what people said: columns first, second, human_same (0 or 1), and prompt, prompt_id, model "
        "where known. The pairwise rate of different answers is then given with the rule's own error in its interval.",
    ),
]
Reference = Annotated[
    str | None,
    typer.Option(
        metavar="MODEL",
        show_default=False,
        rich_help_panel=ANSWERS,
        help="Say for every other model, domain by domain and level by level, whether it is wider or narrower than this one. "
        "Left out, each model is compared with its base in --models FILE.",
    ),
]
SecondQuality = Annotated[
    str | None,
    typer.Option(
        "--second-quality",
        metavar="COLUMN>=FLOOR",
        show_default=False,
        rich_help_panel=ANSWERS,
        help="A second quality column: of the kinds of answers that the floor takes away, how many would it have accepted? "
        "Without a floor its median counts. Quote it.",
    ),
]
ClassifyDomains = Annotated[
    bool,
    typer.Option(
        "--classify-domains",
        metavar="",
        rich_help_panel=ANSWERS,
        help="Give prompts without a domain one by stated rules that read the prompt; such domains are named so, as in "
        "'code (by rules)'.",
    ),
]
Vectors = Annotated[
    str | None,
    typer.Option(
        metavar="COLUMN",
        show_default=False,
        rich_help_panel=ANSWERS,
        help="A column of vectors, one for each answer, for what models have in common; all prompts are then looked at, and no "
        "encoder is needed.",
    ),
]
Series = Annotated[
    str | None,
    typer.Option(
        metavar="COLUMN",
        show_default=False,
        rich_help_panel=ANSWERS,
        help="Follow a run over its checkpoints: step, or meta.KEY with a number, orders them; model takes the numbers inside "
        "model names, model=A,B,C an order of your own.",
    ),
]
ReferenceData = Annotated[
    str | None,
    typer.Option(
        "--reference-data",
        metavar="FILE",
        show_default=False,
        rich_help_panel=ANSWERS,
        help="Samples or prompts that the data should cover: which regions of them have no usable row? Asks for --profile.",
    ),
]
Taxonomy = Annotated[
    str | None,
    typer.Option(
        metavar="FILE",
        show_default=False,
        rich_help_panel=ANSWERS,
        help="Labels that the data should cover, one a line, or columns label and parent: which have no usable row? Asks for "
        "--profile.",
    ),
]
Profile = Annotated[
    bool,
    typer.Option(
        "--profile",
        metavar="",
        rich_help_panel=ANSWERS,
        help="Say what the data hold on each axis, domain by domain, what is nearly the same twice, and how the axes go "
        "together. Always on with --unit set.",
    ),
]
NoPopulation = Annotated[
    bool,
    typer.Option(
        "--no-population",
        metavar="",
        rich_help_panel=ANSWERS,
        help="Leave out what models have in common, and mixtures of them.",
    ),
]
Out = Annotated[
    Path,
    typer.Option(
        metavar="DIR",
        rich_help_panel=OUTPUT,
        help="The folder for report.html, summary.md, card.png, results.json, tables/ and store/.",
    ),
]
DryRun = Annotated[
    bool,
    typer.Option(
        "--dry-run",
        metavar="",
        rich_help_panel=OUTPUT,
        help="Say what was recognised and which analyses can run; measure and write nothing.",
    ),
]
AsJson = Annotated[
    bool,
    typer.Option(
        "--json",
        metavar="",
        rich_help_panel=OUTPUT,
        help="Print results.json on standard output instead of the table; with --dry-run, print the plan.",
    ),
]
Quiet = Annotated[
    bool,
    typer.Option("--quiet", metavar="", rich_help_panel=OUTPUT, help="Print no progress and no table."),
]
