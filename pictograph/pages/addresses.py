"""What addresses and forms say: categories, ids of rows, years."""

from collections.abc import Mapping

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls.converters import IntConverter, StringConverter
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

from pictograph.catalogue.snapshot import browsing, catalogue
from pictograph.people.models import HANDLE
from taxonomy.browsing import Category

TOKEN = r"[A-Za-z0-9_-]{32}"  # 24 random bytes in letters that an address may have
DIGITS_AT_MOST = 18  # what a database's 64 bits surely hold


class CategoryConverter:
    """`dogs-n02084071` in an address; only the wnid counts, so links live on when a name changes."""

    regex = r"[a-z0-9-]*n\d{8}"

    def to_python(self, value: str) -> str:
        """The wnid; whether there is such a category is asked where the database may be."""
        return value[-9:]

    def to_url(self, value: Category) -> str:
        """The address of a category: `slug-wnid`."""
        return f"{value.slug}-{value.wnid}"


class HandleConverter(StringConverter):
    """`anna-k` in an address: what a person is known by to others."""

    regex = HANDLE


class YearConverter(IntConverter):
    """`2023` in an address: a year that photos can be of."""

    def to_python(self, value: str) -> int:
        """The year. Raises ValueError, which means that there is no such address, for one that cannot be."""
        year = parse_year(value)
        if year is None:
            raise ValueError("There is no such year.")
        return year


class TokenConverter(StringConverter):
    """What nobody can guess, in the address of what somebody shares."""

    regex = TOKEN


def category_or_404(wnid: str) -> Category:
    """The category an address names: where it is none any more, the narrowest one that holds all that it stood for.

    A page then leads there (`moved_to`). Raises Http404 for one there never was, and for one that is blocked.
    """
    tree, blocked = catalogue().tree, catalogue().blocked
    category = tree.categories.get(wnid)
    if category is None and wnid in tree.hierarchy.index and wnid not in blocked:
        category = tree.visible(wnid)
    if category is None:
        raise Http404("There is no such category.")
    return category


def category_asked(text: str) -> Category | None:
    """The category that a query names as an address does, None for none or one there is not."""
    return browsing().categories.get(text[-9:])


def moved_to(request: HttpRequest, url: str) -> HttpResponse | None:
    """A redirect to where a page is now, None where the request came there; its query is kept.

    Not for good: a browser would go there still once a moderator has taken a change of the tree back.
    """
    if request.path == url:
        return None
    return redirect(with_query(url, request.META.get("QUERY_STRING", "")))


def with_query(url: str, query: str | Mapping[str, object]) -> str:
    """An address with a query, or with words for one; as it is where there is none.

    >>> with_query("/map/", {"in": "dogs", "at": None}), with_query("/map/", "")
    ('/map/?in=dogs', '/map/')
    """
    said = query if isinstance(query, str) else query_of(query)
    return f"{url}?{said}" if said else url


def query_of(words: Mapping[str, object]) -> str:
    """The query of an address that says these words; those that are empty are left out."""
    return urlencode({name: str(value) for name, value in words.items() if value})


def parse_id(text: str) -> int | None:
    """The id a text names, None where it is none that a row could have."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= DIGITS_AT_MOST else None


def year_asked(query: Mapping[str, str], name: str = "year") -> int | None:
    """The year a page is asked for, None for none. Raises Http404 for one that cannot be."""
    text = query.get(name, "")
    year = parse_year(text)
    if text and year is None:
        raise Http404("There is no such year.")
    return year


def parse_year(text: str) -> int | None:
    """The year a text names, None where it is none of a calendar that has the next one too."""
    is_number = text.isascii() and text.isdecimal() and len(text) <= 4
    return int(text) if is_number and 0 < int(text) < 9999 else None


def chosen_ids(form: QueryDict) -> list[int]:
    """The photos ticked one by one (`photo`, repeated) or named in one list (`ids`, with commas), each once."""
    texts = [*form.getlist("photo"), *form.get("ids", "").split(",")]
    return list(dict.fromkeys(pk for text in texts if (pk := parse_id(text)) is not None))


def way_back(request: HttpRequest, otherwise: str) -> str:
    """The page of ours that a form names as `next` to go back to, another where it names none."""
    back = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    return back if is_ours and "/" in back else otherwise  # a mere word is taken for the name of a view
