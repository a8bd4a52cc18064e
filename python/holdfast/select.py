"""Which logged interactions a challenger is trained on.

>>> import holdfast as hf
>>> hf.select.labelled(latest=5000)
hf.select.labelled(latest=5000)
"""

from __future__ import annotations

from ._core import Selection, select_labelled

__all__ = ["labelled"]


def labelled(latest: int | None = None) -> Selection:
    """Every labelled interaction, or the newest ``latest`` of them."""
    return select_labelled(latest)
