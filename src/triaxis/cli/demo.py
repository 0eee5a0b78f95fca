"""`triaxis demo`: the main job on data that ships with the package: real models as class counts, and the zoo's samples."""

from collections.abc import Callable
from importlib.resources import as_file, files
from pathlib import Path

from triaxis import report
from triaxis.cli import flags
from triaxis.cli.measure import say, typed_command, write
from triaxis.cli.output import Printer, check_out
from triaxis.cli.progress import progress_bar
from triaxis.measure import Measured, Options, measure_paths
from triaxis.measure.api import Reading
from triaxis.records import read_models

NOVELTYBENCH = "NoveltyBench, 14 models, 100 curated prompts"
ZOO = "The zoo: four small models, 69 prompts to reach a number with a digit"


def demo(out: flags.Out = Path("triaxis-demo"), as_json: flags.AsJson = False, quiet: flags.Quiet = False) -> None:
    """Fourteen real models and four that we trained: see the ranking flip with the quality floor."""
    check_out(out)
    totals = {"measuring models": 14, "reading": 17_664}
    with progress_bar(quiet=quiet or as_json, totals=totals) as progress:
        real, zoo = noveltybench(progress), shipped_zoo(progress)
        write(zoo, out / "zoo", progress)
        write(real, out, progress)
    say(real, out, as_json=as_json, quiet=quiet)
    if not (as_json or quiet):
        _say_zoo(zoo, out / "zoo" / "report.html")


def noveltybench(progress: Callable[..., None]) -> Measured:
    """The class counts of real models."""
    with as_file(files("triaxis.demo") / "noveltybench") as store:
        return measure_paths([store], Reading(), Options(), command=typed_command(), title=NOVELTYBENCH, progress=progress)


def shipped_zoo(progress: Callable[..., None]) -> Measured:
    """The samples of the zoo, measured anew from their text; no torch is needed."""
    with as_file(files("triaxis.demo") / "zoo") as folder:
        reading = Reading(quality="expression", equivalence="expression")
        options = Options(models=read_models(folder / "models.csv"))
        samples = [folder / "samples.parquet"]
        return measure_paths(samples, reading, options, command=typed_command(), title=ZOO, progress=progress)


def _say_zoo(zoo: Measured, page: Path) -> None:
    """Two sentences and where the page is."""
    finding, flip, _ = report.sentences(zoo.results)
    printer = Printer()
    printer.print(f"\n{ZOO}. {finding} {flip}", highlight=False, markup=False)
    printer.print(f"Page: {page}", highlight=False, markup=False, soft_wrap=True)
