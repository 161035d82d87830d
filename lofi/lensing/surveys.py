"""Presets of published catalogues: the names of their columns and their conventions, and nothing else.

Imports nothing heavy: the command reads it. What options say goes before what a preset says.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple


class Survey(NamedTuple):
    """A preset: what it is of, and the options of `lofi map` that it stands for."""

    source: str
    options: dict[str, Any]


TXPIPE_PSF = {"psf_e1": "psf_g1", "psf_e2": "psf_g2", "psf_size": "mcal_psf_T_mean"}
SURVEYS = {
    # Variants in the groups catalog/sheared_1p, …; e2 as TreeCorr's (Gatti et al. 2021).
    "des-y3": Survey(
        "DES Y3 metacalibration, DESY3_metacal_v03-004.h5 (Gatti et al. 2021)",
        {
            "estimator": "metacal",
            "hdu": "catalog/unsheared",
            "columns": {"ra": "ra", "dec": "dec", "e1": "e_1", "e2": "e_2", "weight": "weight"}
            | {"r11": "R11", "r12": "R12", "r21": "R21", "r22": "R22"}
            | {"psf_e1": "psf_e1", "psf_e2": "psf_e2", "psf_size": "psf_T"},
        },
    ),
    # e1, e2 are without m and c; m of each bin of Z_B is Table 1 of Giblin et al.
    "kids-1000": Survey(
        "KiDS-1000 lensfit, KiDS_DR4.1_ugriZYJHKs_SOM_gold_WL_cat.fits (Giblin et al. 2021)",
        {
            "estimator": "lensfit",
            "hdu": "OBJECTS",
            "columns": {"ra": "ALPHA_J2000", "dec": "DELTA_J2000", "e1": "e1", "e2": "e2", "weight": "weight"}
            | {"psf_e1": "PSF_e1", "psf_e2": "PSF_e2"},
        },
    ),
    # The survey's own correlation functions give TreeCorr −e2: it is measured against (East, North).
    "hsc-y3": Survey(
        "HSC Y3 re-Gaussianisation, table s19a_wide.weaklensing_hsm_regauss (Li et al. 2022)",
        {
            "estimator": "hsc-regauss",
            "e2_sign": -1,
            "max_ellipticity": 2.0,  # distortions, (1 − q²)/(1 + q²), with noise; the survey's own cut
            "columns": {"ra": "i_ra", "dec": "i_dec", "e1": "i_hsmshaperegauss_e1", "e2": "i_hsmshaperegauss_e2"}
            | {
                key: f"i_hsmshaperegauss_derived_{name}"
                for key, name in (
                    *(("weight", "weight"), ("rms_e", "rms_e"), ("m", "shear_bias_m")),
                    *(("c1", "shear_bias_c1"), ("c2", "shear_bias_c2")),
                )
            }
            | {f"psf_{axes}": f"i_sdssshape_psf_shape{axes}" for axes in ("11", "22", "12")},
        },
    ),
    # TXPipe's own correlation functions flip g2 by default (flip_g2: True).
    "lsst-txpipe": Survey(
        "TXPipe shear_catalog of metadetection, HDF5 groups shear/00, shear/1p, … (--hdu shear/ns where so named)",
        {
            "estimator": "metadetect",
            "hdu": "shear/00",
            "e2_sign": -1,
            "columns": {"ra": "ra", "dec": "dec", "e1": "g1", "e2": "g2", "weight": "weight"} | TXPIPE_PSF,
        },
    ),
    "lsst-txpipe-metacal": Survey(
        "TXPipe shear_catalog of metacalibration, HDF5 group shear with the columns mcal_g1, mcal_g1_1p, …",
        {
            "estimator": "metacal",
            "hdu": "shear",
            "e2_sign": -1,
            "columns": {"ra": "ra", "dec": "dec", "e1": "mcal_g1", "e2": "mcal_g2", "weight": "weight"} | TXPIPE_PSF,
        },
    ),
}


def with_survey(options: Mapping[str, Any]) -> dict[str, Any]:
    """Options with those of the preset that `survey` names; given ones win, columns one by one.

    Raises ValueError for an unknown name.
    """
    options = dict(options)
    name = options.pop("survey", None)
    if name is None:
        return options
    if name not in SURVEYS:
        raise ValueError(f"--survey is {name!r}; expected one of {', '.join(SURVEYS)}")
    preset = dict(SURVEYS[name].options)
    preset["columns"] = preset["columns"] | dict(options.get("columns") or {})
    return preset | {key: value for key, value in options.items() if key != "columns"}


def listing() -> str:
    """The presets as the options that they stand for."""
    lines = []
    for name, survey in SURVEYS.items():
        lines.append(f"{name}: {survey.source}")
        for key, value in survey.options.items():
            text = ",".join(f"{k}={v}" for k, v in value.items()) if key == "columns" else value
            lines.append(f"    --{key.replace('_', '-')} {text}")
    return "\n".join(lines)
