"""The gate of a run store, in words and as a record; the label stands in every row of every table."""

from triaxis.measure.store import RunStore, StoreHeader
from triaxis.results import Gate


def gate_of(store: RunStore) -> Gate:
    """The gate of `store`, with the label that stands in every table row."""
    header = store.header
    quality = "ungated" if header.quality is None else f"{header.quality} ({header.quality_source or 'source not stated'})"
    rule = f"{header.equivalence} ({header.scope}){_cut(header)}"
    return Gate(
        label=f"quality: {quality}; equivalence: {rule}{_unit(header)}{_bars(header)}",
        quality=header.quality,
        quality_source=header.quality_source,
        equivalence=header.equivalence,
        scope=header.scope,
        rule=header.rule,
        common_n=header.common_n,
        unit=header.unit,
        calibration=header.calibration,
        bars=header.bars,
    )


def _cut(header: StoreHeader) -> str:
    if header.common_by_domain:
        sizes = sorted(set(header.common_by_domain.values()))
        return f"; N = {sizes[0]}" if len(sizes) == 1 else f"; N = {sizes[0]} to {sizes[-1]} by domain"
    return "" if header.common_n is None else f"; N = {header.common_n}"


def _unit(header: StoreHeader) -> str:
    return "; unit: set" if header.unit == "set" else ""


def _bars(header: StoreHeader) -> str:
    """The domains that a gates file ties to this gate, with their floors."""
    told = (domain if bar is None else f"{domain} >= {bar:g}" for domain, bar in header.bars.items())
    return f"; domains: {', '.join(told)}" if header.bars else ""
