"""How the images of a split, or the problems of an inversion, are divided among jobs."""


def bounds(total, parts, number):
    """(first, stop) of part `number` of `parts` consecutive ones of about equal size."""
    return number * total // parts, (number + 1) * total // parts


def names(parts):
    """Names of the parts in files, `0000`, `0001`, …, in order."""
    return [f"{number:04d}" for number in range(parts)]


def maps_of(split, shard):
    """Numbers of the maps of one shard of a split, a range."""
    return range(*bounds(split["maps"], split.get("shards", 1), int(shard)))


def shard_record(source, split, numbers, name):
    """What the record of every file of maps says: where they come from, and which of the split's `numbers` they are."""
    return {
        "source": source,
        "split": split,
        "seed": list(name),
        "shard": {"images": [numbers.start, split["maps"]]},
    }


def boxes_of(split, numbers):
    """The simulation box of each of these maps: the maps of a split are spread evenly over its boxes."""
    boxes = split["boxes"]
    return [boxes[number * len(boxes) // split["maps"]] for number in numbers]
