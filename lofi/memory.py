"""How the C library hands out memory: the one place that knows."""

import ctypes

# glibc, malloc.h: the free memory that is kept at the top, the size from which blocks are mapped by themselves, and the
# most of such blocks
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_MMAP_MAX = -1, -3, -4
LARGE = 2**25  # bytes; glibc allows no larger threshold


def keep_freed_memory() -> None:
    """Keep freed blocks in the process; by default glibc returns large ones, and every array begins with page faults.

    Training and particle meshes take 6 to 25 % less time with it; peak memory grows by 4 % at most
    (benchmarks/README.md). Does nothing where the C library is another.
    """
    _set({M_MMAP_MAX: 0, M_TRIM_THRESHOLD: 2**31 - 1})


def return_large_blocks() -> None:
    """Return freed blocks of LARGE bytes at once, after all: for steps on few images so large that memory counts."""
    _set({M_MMAP_MAX: 2**16, M_MMAP_THRESHOLD: LARGE})


def _set(options):
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError, TypeError):
        return
    for name, value in options.items():
        mallopt(name, value)


def release_freed_memory() -> None:
    """Return freed blocks to the system once, after a step whose large arrays are not needed again.

    Does nothing where the C library is another.
    """
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError, TypeError):
        return
    trim(0)
