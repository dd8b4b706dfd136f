"""Numbers in Prometheus' text format, version 0.0.4. Pure: knows no engine and no Flask."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

Kind = Literal["counter", "gauge"]
Samples = Iterable[tuple[Mapping[str, str], float]]


def write_metric(name: str, kind: Kind, help_text: str, samples: Samples) -> list[str]:
    """The lines of one metric.

    >>> write_metric("up", "gauge", "Whether it runs.", [({"of": "a"}, 1)])[-1]
    'up{of="a"} 1'
    """
    lines = [f"# HELP {name} {help_text}", f"# TYPE {name} {kind}"]
    return lines + [f"{name}{_labels(labels)} {_number(value)}" for labels, value in samples]


def write_histogram(
    name: str,
    help_text: str,
    bounds: Sequence[float],
    samples: Iterable[tuple[Mapping[str, str], Sequence[int], float]],
) -> list[str]:
    """The lines of a histogram: of each sample the labels, the counts by bucket and above, and the sum.

    >>> write_histogram("s", "Seconds.", [0.1], [({}, (2, 1), 0.7)])[2:]
    ['s_bucket{le="0.1"} 2', 's_bucket{le="+Inf"} 3', 's_sum 0.7', 's_count 3']
    """
    lines = [f"# HELP {name} {help_text}", f"# TYPE {name} histogram"]
    for labels, counts, total in samples:
        so_far = 0
        for bound, count in zip((*map(_number, bounds), "+Inf"), counts, strict=True):
            so_far += count
            lines.append(f"{name}_bucket{_labels({**labels, 'le': bound})} {so_far}")
        lines.append(f"{name}_sum{_labels(labels)} {_number(total)}")
        lines.append(f"{name}_count{_labels(labels)} {so_far}")
    return lines


def _labels(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escape(value)}"' for name, value in labels.items()) + "}"


def _escape(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _number(value: float) -> str:
    return repr(int(value)) if value == int(value) else repr(round(value, 6))
