"""`triaxis demo`: the main job on real models, from the class counts that ship with the package."""

from importlib.resources import as_file, files
from pathlib import Path

from triaxis.cli import flags
from triaxis.cli.measure import say, typed_command, write
from triaxis.cli.output import check_out
from triaxis.cli.progress import progress_bar
from triaxis.measure import Options, measure_paths
from triaxis.measure.api import Reading


def demo(out: flags.Out = Path("triaxis-demo"), as_json: flags.AsJson = False, quiet: flags.Quiet = False) -> None:
    """Fourteen real models on the 100 curated prompts of NoveltyBench: see the ranking flip with the quality floor."""
    check_out(out)
    with (
        as_file(files("triaxis.demo") / "noveltybench") as store,
        progress_bar(quiet=quiet or as_json, totals={"measuring models": 14}) as progress,
    ):
        title = "NoveltyBench, 14 models, 100 curated prompts"
        measured = measure_paths([store], Reading(), Options(), command=typed_command(), title=title, progress=progress)
        write(measured, out, progress)
    say(measured, out, as_json=as_json, quiet=quiet)
