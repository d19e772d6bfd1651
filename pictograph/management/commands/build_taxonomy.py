"""Build the graph file and the lexicon's file from WordNet."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from taxonomy.hierarchy import GRAPH_FILE
from taxonomy.lexicon import ENOUGH_BITS, LEXICON_FILE
from taxonomy.reach import bits_of
from taxonomy.wordnet import build_graph, build_lexicon, write_file

# Our name of each label set, and the file of timm that lists its wnids in class order.
LABEL_SETS = {
    "imagenet_1k": "imagenet_synsets",
    "imagenet_12k": "imagenet12k_synsets",
    "imagenet_21k_goog": "imagenet21k_goog_synsets",
    "imagenet_21k_miil": "imagenet21k_miil_synsets",
    "imagenet_21k_miil_w21": "imagenet21k_miil_w21_synsets",
    "imagenet_22k": "imagenet22k_synsets",
    "imagenet_22k_ms": "imagenet22k_ms_synsets",
    "imagenet_a": "imagenet_a_synsets",
    "imagenet_r": "imagenet_r_synsets",
    "mini_imagenet": "mini_imagenet_synsets",
}


class Command(BaseCommand):
    """`manage.py build_taxonomy --wordnet DIR`."""

    help = (
        "Build taxonomy/data/wordnet.json.gz from WordNet 3.0 and timm's label sets, and lexicon.json.gz, which leads "
        "WordNet's nouns to it. The dict folder is that of Debian's package wordnet-base, for one."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare where WordNet is and where the files go."""
        parser.add_argument("--wordnet", type=Path, required=True, metavar="DIR", help="the dict folder of WordNet 3.0")
        parser.add_argument("--output", type=Path, default=GRAPH_FILE)
        parser.add_argument("--lexicon", type=Path, default=LEXICON_FILE)

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, collect, write."""
        try:
            graph = build_graph(options["wordnet"], read_label_sets())
            lexicon = build_lexicon(options["wordnet"], graph, bits_of(graph), ENOUGH_BITS)
        except (FileNotFoundError, ValueError) as error:
            raise CommandError(f"{error}.") from error
        write_file(graph, options["output"])
        write_file(lexicon, options["lexicon"])
        self.stdout.write(
            f"{len(graph['synsets'])} synsets of {len(graph['label_sets'])} label sets written to {options['output']}, "
            f"{len(lexicon['words'])} words to {options['lexicon']}."
        )


def read_label_sets() -> dict[str, list[str]]:
    """Every label set of timm that is made of WordNet synsets; timm itself is not imported."""
    spec = find_spec("timm")
    if spec is None or spec.origin is None:
        raise CommandError("timm is not installed; it has the label sets.")
    folder = Path(spec.origin).parent / "data" / "_info"
    return {name: (folder / f"{file}.txt").read_text().split() for name, file in LABEL_SETS.items()}
