"""Which network classifies, as the workers tell."""

from dataclasses import asdict

from classifier.network.definition import NetworkSpec
from classifier.network.inference import framing_of
from pictograph.catalogue.models import Network
from pictograph.catalogue.snapshot import calibration_of, catalogue, look_again


def take_on(spec: NetworkSpec, views: int) -> float:
    """Let a network that a worker has loaded be the current one; return the temperature of its softmax."""
    version, framing = spec.version_with(views), asdict(framing_of(spec, views))
    if catalogue().version != version or catalogue().network is None:
        known = {"label_set": spec.label_set, "framing": framing}
        network, _ = Network.objects.get_or_create(version=version, defaults=known)
        if not network.is_current:
            network.make_current()
        look_again()  # what this worker classifies at once would else be recorded as of no network
        temperature = calibration_of(network).temperature
    else:
        temperature = catalogue().calibration.temperature
    Network.objects.filter(version=version, framing=None).update(framing=framing)  # it ran before anyone asked for this
    return temperature
