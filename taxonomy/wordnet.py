"""Build from WordNet 3.0 the graph, of the synsets of every label set and all their hypernyms, and the lexicon.

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

# Of a word that no network knows the first senses count alone: "snow" is no drug to anyone who searches photos.
FIRST_SENSES = 2
KINDS_AT_MOST = 2  # a word that can be as many things says none of them


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


def build_lexicon(dictionary: Path, graph: Mapping[str, Any], bits: Sequence[float], enough: float) -> dict[str, Any]:
    """Lead every noun of WordNet to synsets of the graph, sense by sense, the most frequent sense first.

    `bits` says how much each synset of the graph says, 0 where it leads nowhere, and `enough` how much one must say to
    stand for a word that is not its own. Returns `{"words": {lemma: [lead, …]}, "irregular": {plural: [singular, …]},
    "others": the words that lead nowhere}`. A lead is the position p of a synset of the word, -1 - p for the nearest
    one above a sense outside the graph, or null where a sense leads nowhere. Where all above a sense says too little,
    what lies below it decides: "pup" leads to dogs by way of "puppy".
    """
    with tempfile.TemporaryDirectory(prefix="wordnet-") as complete:
        leads = _Leads(_open_reader(dictionary, Path(complete)), graph, bits, enough)
        nouns = {lemma.replace("_", " ").lower(): leads.of(lemma) for lemma in leads.reader.all_lemma_names("n")}
        words = {word: found for word, found in sorted(nouns.items()) if found}
        others = sorted(word for word, found in nouns.items() if not found and word.isalpha())
        exceptions = leads.reader._exception_map["n"]
        forms = {plural.replace("_", " "): [s.replace("_", " ") for s in of] for plural, of in exceptions.items()}
    known = {plural: [s for s in of if s in words and s != plural] for plural, of in sorted(forms.items())}
    irregular = {plural: of for plural, of in known.items() if of}
    return {"words": words, "irregular": irregular, "others": " ".join(others)}


class _Leads:
    """Where the senses of words lead in the graph."""

    def __init__(self, reader: Any, graph: Mapping[str, Any], bits: Sequence[float], enough: float) -> None:
        self.reader, self.bits, self.enough = reader, bits, enough
        self.position = {row[0]: i for i, row in enumerate(graph["synsets"])}

    def of(self, lemma: str) -> list[int | None]:
        """The leads of a word's senses, those at the end that lead nowhere left out."""
        leads: list[int | None] = []
        for order, sense in enumerate(self.reader.lemmas(lemma, "n")):
            leads += self._of_sense(sense.synset(), is_first=order < FIRST_SENSES) or [None]
        while leads and leads[-1] is None:
            leads.pop()
        return leads

    def _of_sense(self, synset: Any, is_first: bool) -> list[int | None]:
        own = self.position.get(_wnid(synset))
        if own is not None and self.bits[own] >= self.enough:
            return [own]
        if own is None and (not is_first or synset.instance_hypernyms()):  # a city or a person is no kind of thing
            return []
        above = self._nearest_above(synset)
        below = {lead for kind in synset.hyponyms() if (lead := self._nearest_above(kind)) is not None}
        found = {above} if above is not None else below if len(below) <= KINDS_AT_MOST else set()
        if own is not None and not found and self.bits[own] > 0:
            return [own]
        return [-1 - lead for lead in sorted(found)]

    def _nearest_above(self, synset: Any) -> int | None:
        """Of the synsets of the graph first met on the way up the one that says most, None where that is too little."""
        met: set[int] = set()
        pending = list(synset.hypernyms())
        while pending:
            current = pending.pop()
            position = self.position.get(_wnid(current))
            if position is None:
                pending += current.hypernyms()
            else:
                met.add(position)
        best = max(met, key=lambda p: (self.bits[p], -p), default=None)
        return best if best is not None and self.bits[best] >= self.enough else None


def _wnid(synset: Any) -> str:
    return f"n{synset.offset():08d}"


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
        parents = [_wnid(p) for p in synset.hypernyms() + synset.instance_hypernyms()]
        synsets[wnid] = ([name.replace("_", " ") for name in synset.lemma_names()], parents)
        pending.extend(parents)
    return synsets


def write_file(content: Mapping[str, Any], path: Path) -> None:
    """Write the graph or the lexicon as gzipped JSON, the same bytes for the same content."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
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
