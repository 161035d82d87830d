"""What `lofi priors` prints."""

from lofi.priors.ranges import in_words
from lofi.priors.record import read_record
from lofi.priors.shipped import CARD, DEFAULT, SERVES, SHIPPED, names

COMMANDS = {"lensing": "lofi map", "sphere": "lofi map", "denoising": "lofi image"}


def listing() -> str:
    """The priors that ship, each with what it serves, its ranges, its scores and its card."""
    return "\n\n".join(map(_entry, names()))


def _entry(name):
    record, card = read_record(SHIPPED / name), SHIPPED / name / CARD
    task, network = record["task"], f"{record['model']['class']}, {record['parameters']:,} parameters"
    default = "the default of" if name in DEFAULT.values() else "for"
    served = " and ".join(SERVES[other] for other in SERVES if other == task or DEFAULT.get(other) == name)
    lines = [
        f"{name}: {default} {COMMANDS[task]} for {served}",
        f"  trained for: {in_words(record['ranges'])}",
        f"  network: {network}, weights {record['weights'][:16]} (SHA-256)",
        *(f"  {line}" for line in section(card.read_text(encoding="utf-8"), "Scores")),
        f"  card: {card}",
    ]
    return "\n".join(lines)


def section(card: str, title: str) -> list[str]:
    """The lines below a heading of a card that are not empty; [] without the heading."""
    _, _, text = card.partition(f"\n## {title}\n")
    return [line for line in text.partition("\n## ")[0].splitlines() if line]
