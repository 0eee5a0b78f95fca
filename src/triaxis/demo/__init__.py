"""Data that ships with triaxis: class counts of real model outputs, without any text. See SOURCES.md beside this file."""
