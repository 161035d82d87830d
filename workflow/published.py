"""Numbers that others published on public files, and where: what the scoreboard compares with."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Measure:
    """A score: its heading, how it is printed, and whether more of it is better."""

    heading: str
    form: str
    more_is_better: bool = True


MEASURES = {
    "snr": Measure("SNR [dB]", ".2f"),
    "logsnr": Measure("log SNR [dB]", ".2f"),
    "rmse": Measure("RMSE", ".5f", more_is_better=False),
    "r": Measure("r", ".3f"),
    "gain": Measure("RMSE below the Wiener filter's by [%]", ".2f"),
}


@dataclass(frozen=True)
class Published:
    """A published number.

    part : heading of its table. what : the data, in words. case : ours, `{sky}.{coverage}` of config/scoreboard.yaml,
    `cosmos`, or `cosmos.wiener`, our own Wiener filter there. one_draw : whether it was measured with a single draw of
    the noise; its error is then the scatter of ours from draw to draw. data : "same", or how ours differ, in words, and
    then nothing is tested.
    """

    part: str
    what: str
    case: str
    peer: str
    measure: str
    value: float
    one_draw: bool
    data: str
    source: str


RADIO, LENSING = "Radio images of published skies", "Dark-matter maps of κTNG under the mask of COSMOS, 0.29′"
WSCLEAN = "Restored images of the same Measurement Sets"
QUANTIFAI = {  # SNR after 1, 2, 4 and 8 hours
    "M31": (25.29, 28.39, 31.94, 34.42),
    "3C 288": (25.01, 27.00, 29.62, 33.02),
}
REMY = {  # RMSE and r
    "Wiener filter": (0.02246, 0.638),
    "posterior mean by HMC": (0.0225, 0.649),
    "DeepMass": (0.0218, 0.677),
}
LETERME = {"MCALens": 1.4, "PnPMass (best of 2.5 to 3.3)": 3.3, "DeepMass": 3.8}  # NRMSE below the Wiener filter's [%]

_REMY = {"one_draw": True, "data": "same", "source": "Remy et al. 2023, A&A 672, A51"}
PUBLISHED = [
    *(
        Published(
            **{"part": RADIO, "what": f"{sky}, {hours} h", "case": f"{sky.replace(' ', '').lower()}.{hours}h"},
            **{"peer": "QuantifAI", "measure": "snr", "value": value, "one_draw": True, "data": "same"},
            source="Liaudat et al. 2024, RASTI 3, 505; log of the published run, MAP with the learned prior",
        )
        for sky, values in QUANTIFAI.items()
        for hours, value in zip((1, 2, 4, 8), values, strict=True)
    ),
    *(
        Published(
            LENSING, "our Wiener filter, a check of the recipe", "cosmos.wiener", "Wiener filter", *score, **_REMY
        )
        for score in zip(("rmse", "r"), REMY["Wiener filter"], strict=True)
    ),
    *(
        Published(LENSING, "the network", "cosmos", peer, *score, **_REMY)
        for peer, scores in REMY.items()
        for score in zip(("rmse", "r"), scores, strict=True)
    ),
    *(
        Published(
            **{"part": LENSING, "what": "the network", "case": "cosmos", "peer": peer, "measure": "gain"},
            **{"value": gain, "one_draw": False, "data": "equivalent: other cut-outs, galaxies of the bright sample"},
            source="Leterme et al. 2026, arXiv:2603.22006; notebook pnpmass of its code",
        )
        for peer, gain in LETERME.items()
    ),
]
