"""Model folders: found on this machine or on the hub, identified by content, and never a pickle among them."""

import json
from collections.abc import Iterable, Sequence
from functools import lru_cache, partial
from hashlib import sha256
from pathlib import Path

from triaxis.errors import InputError

READ = ("*.json", "*.safetensors", "*.txt", "*.model")
"""What is loaded of a model: weights as safetensors, settings, vocabularies. Nothing that can run."""
OTHER_RUNTIMES = ("onnx/*", "openvino/*")


def snapshot(repository: str, *, revision: str | None = None, files: Sequence[str] = READ) -> Iterable[Path]:
    """Folders with `repository`, best first: the copy in the user's Hugging Face cache, then one from the hub if reachable."""
    for local_files_only in (True, False):
        folder = _downloaded(repository, revision, files, local_files_only=local_files_only)
        if folder and has_weights(folder):
            yield folder


def _downloaded(repository: str, revision: str | None, files: Sequence[str], *, local_files_only: bool) -> Path | None:
    try:
        from huggingface_hub import snapshot_download
    except ImportError:
        return None
    download = partial(snapshot_download, allow_patterns=list(files), ignore_patterns=list(OTHER_RUNTIMES))
    try:
        return Path(download(repository, revision=revision, local_files_only=local_files_only))
    except (OSError, ValueError):  # the roots of all errors of the hub, of its connection, and of a wrong name
        return None


def has_weights(folder: Path) -> bool:
    """Whether `folder` holds a configuration and weights (a download that was interrupted does not)."""
    return (folder / "config.json").is_file() and any(folder.rglob("*.safetensors"))


def check_folder(folder: Path, *, spec: str) -> None:
    """Raises `InputError` unless everything that would be loaded is data: safetensors, and modules of sentence-transformers."""
    pickled = [path for path in folder.rglob("*.bin") if not any(path.parent.glob("*.safetensors"))]
    if pickled or not has_weights(folder):
        came = f"{pickled[0].relative_to(folder)} alone" if pickled else "none"
        raise InputError(
            f"{spec} must have config.json and its weights as *.safetensors in {folder}, got {came}; a pickle is never loaded. "
            "Save it with save_pretrained(FOLDER, safe_serialization=True)"
        )
    strange = [kind for kind in module_types(folder) if not kind.startswith("sentence_transformers.")]
    if strange:
        raise InputError(f"{spec} must be made of sentence_transformers modules, got {strange[0]!r}; its own code is never run")


def module_types(folder: Path) -> list[str]:
    """Types in `modules.json`; empty where there is none."""
    path = folder / "modules.json"
    if not path.is_file():
        return []
    return [str(module["type"]) for module in json.loads(path.read_text(encoding="utf-8"))]


def file_sha256(path: Path) -> str:
    """SHA-256 of a file in hex; asked again, it is read again only when its size or time has changed."""
    status = path.stat()
    return _sha256(path, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=256)
def _sha256(path: Path, _size: int, _mtime: int) -> str:
    digest = sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def content_hash(folder: Path) -> str:
    """SHA-256 in hex of all that is loaded from `folder`, wherever it lies."""
    files = sorted({path.relative_to(folder) for pattern in READ for path in folder.rglob(pattern)})
    lines = [f"{path.as_posix()} {file_sha256(folder / path)}" for path in files if (folder / path).is_file()]
    return sha256("\n".join(lines).encode()).hexdigest()
