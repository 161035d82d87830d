"""Visibilities in npz files, the format in which users bring their own and simulated ones are saved.

| key | shape | |
| --- | --- | --- |
| `u`, `v`, `w` | (rows,) | baselines towards East, North and the source; `w` may be left out |
| `units` | () | `m` or `wavelengths`: the unit of `u`, `v`, `w` |
| `frequencies` | (C,) with metres; () or (rows,) with wavelengths | Hz |
| `visibilities` | (rows, C) with metres ((rows,) if C = 1); (rows,) with wavelengths | complex, Stokes I, Jy |
| `weights` | as `visibilities`, or (rows,) | 1/sigma^2 of the real part, Jy^-2; 0, negative or NaN: flagged |
| `flags` | as `visibilities`, or (rows,) | optional, true where bad |
| `sign` | () | optional, of the exponent in `V = sum I exp(sign 2 pi i (u l + v m))`: -1 (default) or +1 |
| `time` | (rows,) | optional, seconds |
| `time_zero` | () | optional, MJD in UTC at which `time` is 0 |
| `antenna1`, `antenna2` | (rows,) | optional, whole numbers; equal ones are autocorrelations and left out |
| `channel` | (rows,) | optional with one frequency a row, whole numbers |
| `bandwidth` | () | optional, Hz, from edge to edge of the band; with metres that of the channels |
| `ra`, `dec` | () | optional, degrees, the phase centre |
| `object`, `telescope`, `date` | () | optional words |
| `simulated` | () | optional bool, false |

The columns UVW and DATA of a Measurement Set, taken as they are, have `sign = 1`. No pickled objects.
"""

from pathlib import Path
from zipfile import BadZipFile, is_zipfile

import numpy as np
from scipy.constants import speed_of_light

from lofi.radio.visibilities.visibilities import Visibilities, good_samples

REQUIRED = ("u", "v", "units", "frequencies", "visibilities", "weights")
ROWS = ("u", "v", "w", "time", "antenna1", "antenna2", "channel")
WORDS = ("object", "telescope", "date")
NUMBERS = ("sign", "bandwidth", "ra", "dec", "time_zero", "simulated")
SCALARS = ("units", *NUMBERS, *WORDS)
KEYS = tuple(dict.fromkeys((*REQUIRED, *ROWS, "flags", *SCALARS)))


def read_npz(path: str | Path) -> Visibilities:
    """`Visibilities` of an npz file with the keys listed above; ValueError where one is missing, unknown or unfit."""
    data = _load(path)
    metres = str(data["units"]) == "m"
    if not metres and str(data["units"]) != "wavelengths":
        raise ValueError(f"{path}: units is {data['units']}; expected 'm' or 'wavelengths'")
    sign = data.get("sign", -1)
    if sign not in (-1, 1):
        raise ValueError(f"{path}: sign is {sign}; expected -1 or 1")
    frequency = np.atleast_1d(data["frequencies"])
    shape = (data["u"].size, frequency.size if metres else 1)
    _check(path, data, shape, metres)
    if not metres and frequency.size > 1:
        frequency = frequency[:, None]
    to_wavelengths = -sign * (frequency / speed_of_light if metres else 1.0)
    baselines = {key: data.get(key, np.zeros(shape[0]))[:, None] * to_wavelengths for key in ("u", "v", "w")}
    return good_samples(
        path,
        **baselines,
        values=data["visibilities"].reshape(shape),
        weights=_samples(data["weights"], shape),
        flags=_samples(data.get("flags", np.zeros(shape, bool)), shape).astype(bool),
        frequency=frequency,
        width=_width(path, data.get("bandwidth", 0), frequency, metres),
        **{key: data.get(key) for key in ("time", "antenna1", "antenna2")},
        channel=data["channel"][:, None] if "channel" in data else None,
        time_zero=float(data["time_zero"]) if "time_zero" in data else None,
        centre=(float(data["ra"]), float(data["dec"])) if "ra" in data else None,
        **{key: str(data[key]) for key in WORDS if key in data},
        simulated=bool(data.get("simulated", False)),
        notes=[] if "w" in data else ["No w is given: it is taken as 0, so the w-term cannot be checked."],
    )


def write_npz(path: str | Path, visibilities: Visibilities) -> None:
    """Save `Visibilities` so that `read_npz` returns them (in wavelengths; notes are not kept)."""
    columns = {key: getattr(visibilities, key) for key in ROWS}
    centre = {} if visibilities.centre is None else dict(zip(("ra", "dec"), visibilities.centre, strict=True))
    with Path(path).open("wb") as file:  # numpy.savez would append .npz to a temporary name
        np.savez_compressed(
            file,
            **{key: array for key, array in columns.items() if array is not None},
            units="wavelengths",
            frequencies=visibilities.frequency,
            visibilities=visibilities.values,
            weights=visibilities.sigma**-2.0,
            bandwidth=visibilities.bandwidth,
            **centre,
            **({} if visibilities.time_zero is None else {"time_zero": visibilities.time_zero}),
            **{key: getattr(visibilities, key) for key in WORDS},
            simulated=visibilities.simulated,
        )


def _load(path):
    try:
        with Path(path).open("rb") as stream:
            if not is_zipfile(stream):
                raise ValueError("it is no whole npz file, as numpy.savez writes it")
            stream.seek(0)
            with np.load(stream, allow_pickle=False) as file:
                data = {key: file[key] for key in file.files}
    except (OSError, ValueError, EOFError, TypeError, BadZipFile) as error:
        raise ValueError(f"{path} cannot be read as npz: {error}") from error
    lacking, unknown = [key for key in REQUIRED if key not in data], sorted(set(data) - set(KEYS))
    if lacking:
        raise ValueError(f"{path} lacks {', '.join(lacking)}; expected the keys {', '.join(REQUIRED)}")
    if unknown:
        raise ValueError(f"{path} has unknown keys {', '.join(unknown)}; known are {', '.join(KEYS)}")
    for key in SCALARS:
        if np.ndim(data.get(key, 0)):
            raise ValueError(f"{path}: {key} has shape {data[key].shape}; expected one value")
    for key in NUMBERS:
        if key in data and data[key].dtype.kind not in "biuf":
            unit = ", in degrees" if key in ("ra", "dec") else ""
            raise ValueError(f"{path}: {key} is {str(data[key])!r}; expected a number{unit}")
    return data


def _check(path, data, shape, metres):
    rows, channels = shape
    if not rows * channels:
        raise ValueError(f"{path} has no visibilities: {'frequencies' if rows else 'u'} is empty")
    samples = [shape] if channels > 1 else [shape, (rows,)]
    allowed = {key: [(rows,)] for key in ROWS}
    allowed |= {
        "visibilities": samples if metres else [(rows,)],
        "weights": [shape, (rows,)],
        "flags": [shape, (rows,)],
    }
    allowed["frequencies"] = [(channels,), ()] if metres else [(rows,), (1,), ()]
    for key, shapes in allowed.items():
        array = data.get(key)
        if array is not None and array.shape not in shapes:
            expected = " or ".join(map(str, shapes))
            raise ValueError(f"{path}: {key} has shape {array.shape}; expected {expected}, units being {data['units']}")
        kinds = {"visibilities": "c", "flags": "biu"}.get(key, "fiu")
        if array is not None and array.dtype.kind not in kinds:
            expected = {"c": "complex numbers", "biu": "true and false"}.get(kinds, "real numbers")
            raise ValueError(f"{path}: {key} is of type {array.dtype}; expected {expected}")
    if not (np.isfinite(data["frequencies"]) & (data["frequencies"] > 0)).all():
        raise ValueError(f"{path}: frequencies must be finite and positive, in Hz")
    if channels > 1 and "channel" in data:
        raise ValueError(f"{path}: channel is given beside {channels} frequencies; expected it with one a row only")
    if ("ra" in data) != ("dec" in data):
        raise ValueError(f"{path} has only one of ra and dec; expected both, in degrees")


def _samples(array, shape):
    return np.broadcast_to(array.reshape(shape[0], -1), shape)


def _width(path, bandwidth, frequency, metres):
    """Of a channel, Hz: what the band is wider than the distance of its outermost channels, or their spacing."""
    span = np.ptp(frequency)
    if not (bandwidth == 0 or span <= bandwidth < np.inf):
        raise ValueError(f"{path}: bandwidth is {bandwidth:g}; expected Hz, {span:g} or more, what frequencies span")
    if bandwidth > 0:
        return bandwidth - span
    return np.median(np.diff(np.sort(frequency))) if metres and frequency.size > 1 else None
