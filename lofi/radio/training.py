"""A denoiser, the prior of radio imaging, trained on a folder of pictures."""

import hashlib
from pathlib import Path

import numpy as np
from tqdm import tqdm

from lofi.data.crops import training_crops
from lofi.data.denoising import DenoisingObservation
from lofi.data.pictures import find_pictures, read_file
from lofi.data.pictures_cleaning import cleaned
from lofi.messages import say_notes
from lofi.priors.recipe import shipped_recipe
from lofi.priors.shipped import spelled
from lofi.training.own_prior import held_out, train_prior
from lofi.training.prior_folder import PriorFolder, hashes

VALIDATION = 12  # crops of those
SMALLEST = 16  # pixels that can be cleaned


def train_denoiser(
    pictures: str | Path,
    output: str | Path,
    *,
    steps: int | None = None,
    width: int | None = None,
    crop: int | None = None,
    seed: int = 0,
    threads: int = 1,
) -> None:
    """Train the denoiser that ships on other pictures; `output` is the folder of the prior.

    The same call goes on with a training that was interrupted.

    Parameters
    ----------
    pictures : folder or file, as of `lofi.data.pictures.read_pictures`; cleaned of their sky and noise.
    steps, width : in place of those of the recipe. crop : pixels of a side of the crops (default: the recipe's).

    Raises ValueError or OSError, one sentence, for what cannot be used; nothing is written then.
    """
    recipe = shipped_recipe("denoising", steps, width)
    field, observation = recipe["field"] | ({} if crop is None else {"pixels": crop}), recipe["observation"]
    if field["pixels"] < SMALLEST:
        raise ValueError(f"--crop is {crop}; expected at least {SMALLEST} pixels")
    files, name = find_pictures(pictures), ("lofi train radio", seed)
    options = {"steps": recipe["model"]["training"]["steps"], "width": width, "crop": field["pixels"], "seed": seed}
    folder = PriorFolder(Path(output), options, hashes(files, pictures), recipe | {"field": field})
    said = train_prior(
        folder,
        examples=lambda: _examples(pictures, files, folder, name),
        observe=lambda depth: DenoisingObservation(**observation | {"noise": tuple(observation["noise"])}),
        name=name,
        threads=threads,
    )
    say_notes([f"{said}: lofi image VISIBILITIES --prior {spelled(output)}"])


def _examples(pictures, files, folder, name):
    """Record, crops to train on and crops to validate with; no picture has both."""
    skies, names = _skies(files, folder.recipe["field"]["pixels"])
    if len(skies) < 2:
        raise ValueError(f"'{pictures}' holds one picture; training needs at least two, one of them for validation")
    validation = held_out(len(skies), name)
    training = [i for i in range(len(skies)) if i not in validation]
    say_notes([f"{len(training)} pictures are trained on, {len(validation)} kept for validation"])
    record = {
        "source": {"kind": "pictures", "path": Path(pictures).name, "files": folder.inputs},
        "split": {"pictures": len(training), "maps": folder.recipe["images"]},
        "validation": [names[i] for i in validation],
        "simulated": False,
        "description": f"{len(skies)} pictures of {Path(pictures).name}",
    }
    field, crops = folder.recipe["field"], []
    for part, chosen, count in (
        ("training", training, folder.recipe["images"]),
        ("validation", validation, VALIDATION),
    ):
        images, options = [skies[i] for i in chosen], field.get("crops", {})
        crops.append(training_crops(images, range(count), count, field["pixels"], *name, part, **options))
    return record, *crops


def _skies(files, size):
    """The pictures, cleaned, each once, and their names; ValueError with the first that is bad, and how many."""
    skies, names, bad, seen, copies = [], [], [], set(), 0
    for file in tqdm(files, desc="pictures", unit="file", mininterval=5):
        try:
            for name, image in read_file(file):
                digest = hashlib.sha256(image.tobytes()).digest()
                if digest in seen:
                    copies += 1
                    continue
                seen.add(digest)
                skies.append(_sky(image, name, size))
                names.append(name.replace(str(file), file.name).replace("'", ""))
        except ValueError as error:
            bad.append(str(error))
    if bad:
        raise ValueError(bad[0] + (f" (and {len(bad) - 1} more files cannot be used)" if len(bad) > 1 else ""))
    if copies:
        say_notes([f"pictures that are copies of others, left out: {copies}"])
    return skies, names


def _sky(image, name, size):
    """A picture that crops of `size` can be taken of, cleaned."""
    if np.ptp(image) == 0:
        raise ValueError(f"{name} is constant ({image.flat[0]:g} everywhere); expected a picture of the sky")
    if min(image.shape) < size:
        raise ValueError(
            f"{name} has {image.shape[0]} × {image.shape[1]} pixels, fewer than the crops ({size} × {size}); "
            "leave it out, or give a smaller --crop"
        )
    try:
        return cleaned(image)
    except ValueError as error:
        raise ValueError(f"{name}: {error}; leave it out") from error
