"""Pixels of one height beside each other, a plateau, are one peak, or none where one of them has a higher neighbour."""

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components


def first_of_plateaus(pixel: np.ndarray, neighbours: np.ndarray, level: np.ndarray) -> np.ndarray:
    """Which pixels (n,) bool are peaks, of those that have no higher neighbour: of each plateau the first.

    Parameters
    ----------
    pixel : (n,), numbers in the map, ascending. neighbours : (8, n), theirs.
    level : (8, n) bool, which neighbours belong to the plateau of the pixel: they are as high and may be peaks, too.
    """
    peaks = ~level.any(axis=0)
    tied = np.flatnonzero(~peaks)
    if not len(tied):
        return peaks
    direction, member = np.nonzero(level[:, tied])
    beside, members = neighbours[direction, tied[member]], pixel[tied]
    place = np.searchsorted(members, beside).clip(max=len(tied) - 1)
    inside = members[place] == beside  # what is not has a higher neighbour
    edges = coo_array((inside[inside], (member[inside], place[inside])), shape=(len(tied), len(tied)))
    count, plateau = connected_components(edges, directed=False)
    rises = np.zeros(count, bool)
    rises[plateau[member[~inside]]] = True
    _, first = np.unique(plateau, return_index=True)
    peaks[tied[first[~rises]]] = True
    return peaks
