"""`figures`: what the figures of more than one entry show."""

from workflow.configuration.setting import Count, Mistake, Names, Number, Setting, Whole, check_known, setting


class RadioFigure(Setting):
    """Images of visibilities: inversions in rows, methods in columns."""

    inversions: Names = setting("Inversions, a row each.")
    methods: Names = setting("Methods, a column each.")
    image: Number = setting("Number of the sky, from 0.")

    def check(self, whole: Whole, key: str) -> None:
        """Raise Mistake if it shows what does not exist."""
        for name in self.inversions:
            check_known(name, whole.inversions, f"{key}.inversions")
            inversion = whole.inversions[name]
            for method in self.methods:
                check_known(method, inversion.methods, f"{key}.methods")
            if self.image >= inversion.sky.count:
                raise Mistake(
                    f"{key}.image", f"is {self.image}, but {name} has the skies 0 to {inversion.sky.count - 1}"
                )


class TinyFigure(Setting):
    """Figures 4 and 5: experiments of photography that are averaged. The first is that of Figures 5 and S1."""

    fixed: Names = setting("Experiments with the same noise in every step.")
    fresh: Names = setting("Experiments with new noise in every step.")

    def check(self, whole: Whole, key: str) -> None:
        """Raise Mistake if the experiments do not belong together."""
        check_known(self.fixed[0], whole.experiments, f"{key}.fixed")
        first = whole.experiments[self.fixed[0]]
        for noise, names in (("fixed", self.fixed), ("fresh", self.fresh)):
            where = f"{key}.{noise}"
            for name in names:
                check_known(name, whole.experiments, where)
                experiment = whole.experiments[name]
                if experiment.task != "photography" or experiment.noise_in_training != noise:
                    raise Mistake(where, f"has {name}, which is no experiment of photography with {noise} noise")
                if not any(whole.models[model].training for model in experiment.models):
                    raise Mistake(where, f"has {name}, which has no model that is trained")
                if not {"train", "validation", "test"} <= set(experiment.curves or []):
                    raise Mistake(
                        f"experiments.{name}.curves", "lacks one of train, validation, test; Figure 4 needs them"
                    )
                for attribute in ("field", "observation", "splits", "models"):
                    if getattr(experiment, attribute) != getattr(first, attribute):
                        raise Mistake(
                            where, f"averages {self.fixed[0]} and {name}, whose {attribute} differ; they must be equal"
                        )


class InpaintingFigure(Setting):
    """Figure 9."""

    inpaintings: Names = setting("In-paintings, a pair of rows each.")
    methods: Names = setting("Methods, a column each.")
    traces: Names = setting("Methods whose iterations are drawn.")

    def check(self, whole: Whole, key: str) -> None:
        """Raise Mistake if it shows what does not exist."""
        for name in self.inpaintings:
            check_known(name, whole.inpaintings, f"{key}.inpaintings")
            methods = whole.inpaintings[name].methods
            if "biharmonic" not in methods:
                raise Mistake(f"inpaintings.{name}.methods", "lacks biharmonic, which Figure 9 is compared with")
            for shown in ("methods", "traces"):
                for method in getattr(self, shown):
                    check_known(method, methods, f"{key}.{shown}")
            if set(whole.inpaintings[name].pictures) != set(whole.inpaintings[self.inpaintings[0]].pictures):
                raise Mistake(f"{key}.inpaintings", "have pictures of different sources; expected the same sources")


class DrawnPixels(Setting):
    """Pixels of each kind (edges, corners, flat parts) in every picture."""

    count: Count = setting("How many of each kind.")
    margin: Count = setting("Least distance from the border.", unit="pixels")
    apart: float = setting("Least distance from each other.", unit="pixels", ge=0)


class GeometryFigure(Setting):
    """Figures 7 and S5."""

    models: Names = setting("Models of Figure 7; the first has T = 0, and the others are compared with it.")
    filter: str = setting("Model of Figure S5, with a Fourier filter.")
    split: str = setting("Split of the picture that Figure 7 shows.")
    image: Number = setting("Number of that picture, from 0.")
    pixels: DrawnPixels = setting("Pixels whose samples are measured.")

    def check(self, whole: Whole, key: str) -> None:
        """Raise Mistake if the experiment `geometry` lacks what the figure draws."""
        experiment = whole.experiments["geometry"]
        for model in self.models:
            check_known(model, experiment.models, f"{key}.models")
        check_known(self.filter, experiment.models, f"{key}.filter")
        for name in experiment.models:
            model = whole.models[name]
            if model.training and model.kind != "lofi":
                raise Mistake("experiments.geometry.models", f"has {name}, which is no local field of class lofi")
        if whole.models[self.filter].keywords.get("filter", {}).get("kind") != "fourier":
            raise Mistake(f"{key}.filter", f"is {self.filter}, which has no Fourier filter")
        check_known(self.split, experiment.evaluated, f"{key}.split")
        maps = experiment.splits[self.split].maps
        if self.image >= maps:
            raise Mistake(f"{key}.image", f"is {self.image}; {self.split} has the images 0 to {maps - 1}")


class LengthFigure(Setting):
    """Low-dose CT after two lengths of training (`snakemake length`)."""

    short: str = setting("Folder of the run that trained as long as usual.", example="results/laptop")
    long: str = setting("Folder of the run that trained longer (config/long.yaml).", example="results/long")


class Figures(Setting):
    """What the figures of more than one entry show."""

    fig10: RadioFigure = setting("Figure 10; the error is that of the last method.")
    radio_fine: RadioFigure = setting("Figure of images with finer cells.")
    tiny: TinyFigure = setting("Figures 4, 5 and S1: training on nine photographs.")
    fig09: InpaintingFigure = setting("Figure 9: in-painting.")
    geometry: GeometryFigure = setting("Figures 7 and S5: where samples lie.")
    length: LengthFigure = setting("Table I after two lengths of training.")

    def check(self, whole: Whole, key: str) -> None:
        """Raise Mistake if a figure shows what does not exist."""
        for name in ("fig10", "radio_fine", "tiny", "fig09", "geometry"):
            getattr(self, name).check(whole, f"{key}.{name}")
