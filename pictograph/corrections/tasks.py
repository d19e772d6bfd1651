"""What workers do about corrections: carrying over what they teach."""

from celery import shared_task

from pictograph.corrections import learning


@shared_task(ignore_result=True)
def learn(owner_id: int) -> None:
    """Have somebody's other photos follow what they said of some."""
    learning.learn(owner_id)
