"""Building objects from descriptions: a name and the constructor's own keywords, checked against its signature."""

import inspect


def construct(choices, description, what, *arguments):
    """`choices[kind](*arguments, **rest)` for a description `{kind: …, …rest}`; one clear sentence if it does not fit."""
    options = dict(description)
    kind = options.pop("kind", None)
    if kind not in choices:
        raise ValueError(f"{what}: kind is {kind!r}; expected one of {', '.join(choices)}")
    return call(choices[kind], options, f"{what} of kind {kind}", *arguments)


def call(constructor, options, what, *arguments):
    """`constructor(*arguments, **options)`, with unknown keywords named before it is called."""
    parameters = inspect.signature(constructor).parameters.values()
    if not any(p.kind is p.VAR_KEYWORD for p in parameters):
        known = [p.name for p in parameters][len(arguments) :]
        unknown = sorted(set(options) - set(known))
        if unknown:
            raise ValueError(f"{what}: unknown argument {', '.join(unknown)}; expected {', '.join(known) or 'none'}")
    return constructor(*arguments, **options)
