"""How often names turn out to be right, by what people answered: everyone to moderators, to each person their own."""

from collections.abc import Iterable

from django.db.models import Count, Q

from pictograph.catalogue.snapshot import browsing, catalogue, catalogue_for
from pictograph.corrections.question_models import Answer, Question, QuestionQuerySet
from pictograph.people.models import User
from taxonomy.browsing import BrowsingTree, Category
from taxonomy.precision import Answered, Precision, own_precision, precisions

LEAST_OWN = 3  # answers of one's own, of which something is said


def precision_table(network: int, stop: int, tree: BrowsingTree | None = None) -> list[Precision]:
    """Of each category that has answers, and of those above it, how right a network's names are at a stop.

    In the order of the tree, which is the shown one unless another is given. To be shown of the network where
    `is_shown`; few answers of few people are in it too.
    """
    answered = Question.objects.telling(network).filter(stop=stop)
    return precisions(tree or catalogue_for(network).tree, _counted(answered))


def precision_for(user: User, category: Category) -> Precision | None:
    """What somebody answered about their own photos in a category; None where that is too little to say."""
    network = catalogue().network
    if network is None:
        return None
    own = own_precision(browsing(), category.wnid, _counted(Question.objects.telling(network).asked_of(user.pk)))
    return own if own is not None and own.answers >= LEAST_OWN else None


def _counted(answered: QuestionQuerySet) -> Iterable[Answered]:
    counted = answered.order_by().values_list("owner", "wnid")
    rows = counted.annotate(all=Count("pk"), right=Count("pk", filter=Q(answer=Answer.YES)))
    return [Answered(owner, wnid, count, right) for owner, wnid, count, right in rows]
