"""A model's entry in the configuration, taken apart."""


def model_and_recipe(description, observation):
    """The model's own keywords and those of its training, for what `observation` returns: (mapping, mapping or None).

    Models reconstruct one channel unless the observation's truth has more (`outputs`).
    """
    options = dict(description)
    recipe = options.pop("training", None)
    return options if observation.outputs == 1 else options | {"outputs": observation.outputs}, recipe
