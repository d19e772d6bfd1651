"""Build the graph file from WordNet 3.0: the synsets of every label set and all their hypernyms.

This is the only module that imports NLTK. It runs when the project's data is made, never on a user's machine.
"""

import gzip
import json
import shutil
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

# The reader opens these two beside the dictionary, and some packagings of WordNet 3.0 leave them out. Neither is
# used for hypernyms: `lexnames` only has to have a line for each of the 45 lexicographer files.
LEXICOGRAPHER_FILES = 45


def build_graph(dictionary: Path, label_sets: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Collect the synsets of all label sets with their hypernyms, transitively, parents before children.

    `dictionary` is WordNet's `dict` folder; `label_sets` maps a name to wnids in the network's class order.
    Returns `{"synsets": [[wnid, [lemma, …], [parent index, …]], …], "label_sets": {name: [index, …]}}`.
    Raises FileNotFoundError where the folder holds no WordNet, ValueError for a wnid that WordNet 3.0 lacks.
    """
    with tempfile.TemporaryDirectory(prefix="wordnet-") as complete:
        reader = _open_reader(dictionary, Path(complete))
        synsets = _collect(reader, [wnid for wnids in label_sets.values() for wnid in wnids])
    order = _parents_first({wnid: parents for wnid, (_, parents) in synsets.items()})
    index = {wnid: position for position, wnid in enumerate(order)}
    return {
        "synsets": [[wnid, synsets[wnid][0], sorted(index[p] for p in synsets[wnid][1])] for wnid in order],
        "label_sets": {name: [index[wnid] for wnid in wnids] for name, wnids in label_sets.items()},
    }


def _collect(reader: Any, wnids: Sequence[str]) -> dict[str, tuple[list[str], list[str]]]:
    """Lemmas and hypernyms of the wnids and of everything above them, by wnid."""
    synsets: dict[str, tuple[list[str], list[str]]] = {}
    pending = list(wnids)
    while pending:
        wnid = pending.pop()
        if wnid in synsets:
            continue
        try:
            synset = reader.synset_from_pos_and_offset("n", int(wnid[1:]))
        except Exception as error:  # NLTK raises several kinds, ValueError and AssertionError among them
            raise ValueError(f"{wnid} is not a noun of this WordNet: version 3.0 is needed") from error
        parents = [f"n{p.offset():08d}" for p in synset.hypernyms() + synset.instance_hypernyms()]
        synsets[wnid] = ([name.replace("_", " ") for name in synset.lemma_names()], parents)
        pending.extend(parents)
    return synsets


def write_graph(graph: Mapping[str, Any], path: Path) -> None:
    """Write the graph as gzipped JSON, the same bytes for the same graph."""
    text = json.dumps(graph, ensure_ascii=False, separators=(",", ":"))
    path.write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))


def _open_reader(dictionary: Path, data_path: Path) -> Any:
    """Open the dictionary by way of `data_path`, an empty folder that becomes an NLTK data path with a copy of it.

    A copy and not a link, because NLTK refuses files that resolve outside its data path.
    """
    import nltk
    from nltk.corpus.reader.wordnet import WordNetCorpusReader

    if not (dictionary / "data.noun").is_file():
        raise FileNotFoundError(f"{dictionary} has no data.noun: give the dict folder of WordNet 3.0")
    corpus = data_path / "corpora" / "wordnet"
    corpus.mkdir(parents=True)
    for file in dictionary.iterdir():
        if file.is_file():
            shutil.copyfile(file, corpus / file.name)
    for part in ("noun", "verb", "adj", "adv"):
        _ensure(corpus / f"{part}.exc", "")
    _ensure(corpus / "index.sense", "")
    _ensure(corpus / "lexnames", "".join(f"{n:02d}\tfile{n:02d}\t1\n" for n in range(LEXICOGRAPHER_FILES)))
    nltk.data.path.append(str(data_path))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about translations, which are not read here
        return WordNetCorpusReader(str(corpus), None)


def _ensure(path: Path, text: str) -> None:
    if not path.exists():
        path.write_text(text)


def _parents_first(parents: Mapping[str, Sequence[str]]) -> list[str]:
    """Order wnids so that every synset follows all its hypernyms; equals in wnid order, so the file is stable."""
    from graphlib import TopologicalSorter

    sorter = TopologicalSorter(parents)
    sorter.prepare()
    order: list[str] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        order.extend(ready)
        sorter.done(*ready)
    return order
