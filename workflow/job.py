"""What every script does around its one function: a log, threads, and errors as one sentence."""

import sys
import traceback
from contextlib import contextmanager
from pathlib import Path

from lofi.memory import keep_freed_memory
from lofi.messages import one_sentence
from workflow.lines import Lines, Log


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
