"""The command line: one module a verb; each parses, calls one public function, and prints."""

from triaxis.cli.app import app, main

__all__ = ["app", "main"]
