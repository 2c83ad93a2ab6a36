"""Sources made from other sources: fewer episodes, several data sets in one, other columns.

Views read from what is below them when they are read themselves; nothing is copied, and they can
be put on top of each other.
"""

from __future__ import annotations

from muse.datasets.formats.views.computed_view import ComputedView
from muse.datasets.formats.views.joined_view import JoinedView
from muse.datasets.formats.views.named_view import NamedView
from muse.datasets.formats.views.rows_view import RowsView
from muse.datasets.formats.views.source_view import SourceView
from muse.datasets.formats.views.split_view import SplitView
from muse.datasets.formats.views.subset_view import SubsetView

__all__ = [
    "ComputedView",
    "JoinedView",
    "NamedView",
    "RowsView",
    "SourceView",
    "SplitView",
    "SubsetView",
]
