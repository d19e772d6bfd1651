"""Convert a network from torch to OpenVINO. Run as a process: `python -m classifier.network.conversion SPEC FOLDER`."""

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from classifier.network.definition import NetworkSpec, create_network
from classifier.network.openvino_runtime import import_openvino


def convert(spec: NetworkSpec) -> Any:
    """The network as an OpenVINO model: uint8 (batch, px, px, 3) to logits and embeddings, normalising inside.

    By the PyTorch frontend itself and not `openvino.convert_model`, which reports each conversion to its makers.
    """
    openvino = import_openvino()
    import torch
    from openvino.frontend import FrontEndManager
    from openvino.frontend.pytorch.ts_decoder import TorchScriptPythonDecoder
    from openvino.preprocess import PrePostProcessor

    network = create_network(spec)
    example = torch.zeros(2, 3, spec.input_px, spec.input_px)
    with torch.inference_mode():
        decoder = TorchScriptPythonDecoder(network, example_input=(example,))
        frontend = FrontEndManager().load_by_framework("pytorch")
        model = frontend.convert(frontend.load(decoder))
    model.reshape([-1, 3, spec.input_px, spec.input_px])
    graph = PrePostProcessor(model)
    graph.input().tensor().set_element_type(openvino.Type.u8).set_layout(openvino.Layout("NHWC"))
    graph.input().model().set_layout(openvino.Layout("NCHW"))
    steps = graph.input().preprocess().convert_element_type(openvino.Type.f32)
    steps.mean([255 * value for value in spec.mean]).scale([255 * value for value in spec.std])
    return graph.build()


def write_converted(spec: NetworkSpec, folder: Path) -> None:
    """Convert into `folder`, which appears complete or not at all; another process that was first wins."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        import_openvino().save_model(convert(spec), unfinished / "network.xml", compress_to_fp16=False)
        os.chmod(unfinished, 0o755)  # mkdtemp lets only its owner in
        try:
            unfinished.rename(folder)
        except OSError:
            if not (folder / "network.xml").is_file():
                raise
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def read_spec(fields: dict[str, Any]) -> NetworkSpec:
    """A network as `dataclasses.asdict` and JSON left it."""
    return NetworkSpec(**fields | {name: tuple(fields[name]) for name in ("mean", "std")})


if __name__ == "__main__":
    write_converted(read_spec(json.loads(sys.argv[1])), Path(sys.argv[2]))
