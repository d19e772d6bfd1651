"""Which network classifies, as the workers tell."""

from classifier.network.definition import NetworkSpec
from pictograph.catalogue.models import Network
from pictograph.catalogue.snapshot import calibration_of, catalogue


def take_on(spec: NetworkSpec, views: int) -> float:
    """Let a network that a worker has loaded be the current one; return the temperature of its softmax."""
    version = spec.version_with(views)
    if catalogue().version != version or catalogue().network is None:
        network, _ = Network.objects.get_or_create(version=version, defaults={"label_set": spec.label_set})
        if not network.is_current:
            network.make_current()
        return calibration_of(network).temperature
    return catalogue().calibration.temperature
