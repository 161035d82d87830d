"""`python -m workflow.configuration schema` prints the JSON schema for editors, `reference` the page of all keys."""

import argparse

from workflow.configuration import reference, schema

PRINTED = {"schema": schema.text, "reference": reference.page}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m workflow.configuration", description="What the keys are.")
    parser.add_argument("printed", choices=PRINTED, help="JSON schema for editors, or Markdown page of all keys")
    print(PRINTED[parser.parse_args().printed](), end="")
