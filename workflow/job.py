"""How Snakemake calls the function of a script: parameters by name, a log, threads, errors as one sentence."""

import inspect
import sys
import traceback
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

from lofi.memory import keep_freed_memory
from lofi.messages import one_sentence
from workflow.lines import Lines, Log


def run(snakemake, function: Callable[..., None], **more) -> None:
    """Call `function` with what the rule gives it, and with `more` keywords."""
    with job(snakemake):
        function(**arguments(snakemake, function, more))


def arguments(snakemake, function: Callable[..., None], more: dict | None = None) -> dict:
    """Keywords for `function`: each of its parameters by name from the rule's input, output, params or threads, or from
    a wildcard if the rule gives nothing else of that name. A parameter with a default may be absent.

    `Path` and `list[Path]` make paths of the names of files, `int` a number of a wildcard. Raises TypeError for a
    parameter that the rule does not give, or gives twice.
    """
    given = {place: dict(getattr(snakemake, place).items()) for place in ("input", "output", "params", "wildcards")}
    found = dict(more or {})
    for name, parameter in inspect.signature(function).parameters.items():
        if name in found:
            continue
        places = [place for place in ("input", "output", "params") if name in given[place]]
        if len(places) > 1:
            raise TypeError(f"rule {snakemake.rule}: {name} is in {' and in '.join(places)}; give one another name")
        if places:
            value = given[places[0]][name]
        elif name in given["wildcards"]:
            value = given["wildcards"][name]
        elif name == "threads":
            value = snakemake.threads
        elif parameter.default is not parameter.empty:
            continue
        else:
            raise TypeError(f"rule {snakemake.rule}: give {function.__name__}() a file or param {name}")
        found[name] = _converted(value, parameter.annotation)
    return found


def _converted(value, annotation):
    if annotation == list[Path]:
        return [Path(value)] if isinstance(value, str) else [Path(path) for path in value]
    if annotation in (Path, Path | None):
        return Path(value)
    return int(value) if annotation is int else value


@contextmanager
def job(snakemake):
    """Run the body of a Snakemake script: stderr also goes to the rule's log, expected errors become one sentence."""
    keep_freed_memory()
    stderr = sys.stderr
    with Log(Path(snakemake.log[0])) as log:
        sys.stderr = Lines(" ".join([snakemake.rule, ".".join(snakemake.wildcards)]).strip(), stderr, log)
        try:
            with one_sentence(log):
                yield
        except KeyboardInterrupt:
            print("interrupted", file=sys.stderr)
            raise SystemExit(130) from None
        except Exception:
            traceback.print_exc(file=log)
            raise
        finally:
            sys.stderr.close()
            sys.stderr = stderr
