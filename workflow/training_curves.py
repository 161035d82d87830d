"""PSNR while networks train: against passes over the training pixels, and where its best and its last part."""

import json
from pathlib import Path

import pandas as pd

from lofi.io.stack import Stack

LAST = 5  # entries at the end whose median is the last value: it jitters by 0.1 dB from one to the next
MARGIN = 0.1  # dB


def read_curves(histories, records, train):
    """One row per training and validation: experiment, model, parameters, step, passes and the `psnr_` columns, dB.

    `histories`, `records`: in folders {experiment}/{model}, in the same order. `train`: shards of the pairs that
    are trained on; a pass is as many pixels as they have.
    """
    truth = Stack(train, "truth")
    total = len(truth) * truth.shape[-2] * truth.shape[-1]
    parts = []
    for history, record in zip(map(Path, histories), map(Path, records), strict=True):
        rows = pd.read_csv(history)
        rows["passes"] = rows["pixels"] / total
        rows["experiment"], rows["model"] = history.parent.parent.name, history.parent.name
        rows["parameters"] = json.loads(record.read_text())["parameters"]
        parts.append(rows)
    return pd.concat(parts, ignore_index=True)


def summary_of(curve):
    """Where one training was best on the test picture and where it ended, from its rows of `read_curves`.

    `best` is the largest of many noisy values, so that `drop` is a little too large for a curve that is flat.
    `memorised`: how much better the training's own noise is removed than other noise on the same pictures.
    """
    best, end = curve.loc[curve["psnr_test"].idxmax()], curve.tail(LAST)
    last = end["psnr_test"].median()
    return {
        "parameters": best["parameters"],
        "best": best["psnr_test"],
        "best_passes": best["passes"],
        "best_step": best["step"],
        "last": last,
        "last_passes": end["passes"].iloc[-1],
        "last_step": end["step"].iloc[-1],
        "drop": best["psnr_test"] - last,
        "seen": end["psnr_validation"].median(),
        "memorised": end["psnr_train"].median() - end["psnr_validation"].median(),
    }


def course(history, column):
    """The best and the last of the scores in a column of a history, and where they part.

    `parted_step`: the step from which the score stays more than `MARGIN` below its best; NaN where it ends closer.
    """
    scores, steps = history[column], history["step"]
    best = scores.idxmax()
    below = steps[scores[scores >= scores[best] - MARGIN].index[-1] + 1 :]
    return {
        "best": scores[best],
        "best_step": steps[best],
        "last": scores.iloc[-1],
        "parted_step": below.iloc[0] if len(below) else float("nan"),
    }
