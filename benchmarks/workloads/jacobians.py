"""Whole Jacobians of layers and of networks, in float64."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, ClassVar

import numpy as np

from ..jacobian import Jacobian

BATCH, FEATURES, WIDTH = 100, 4096, 512


class ReluJacobian(Jacobian):
    name = "jacobian-relu"
    title = f"ReLU of {FEATURES} entries"
    targets: ClassVar = {"asdex": 0.5, "jax": 0.001, "torch": 0.001}

    def __init__(self) -> None:
        super().__init__()
        self.x = self.rng.standard_normal(FEATURES)

    def f(self, nn: Any, x: Any) -> Any:
        return nn.relu(x)


class ReluBatchJacobian(ReluJacobian):
    name = "jacobian-relu-batch"
    title = f"ReLU of a batch of {BATCH} × {FEATURES}"
    targets: ClassVar = {}
    seconds_limit = 1e-3
    peak_limit = 2 * 8 * BATCH * FEATURES  # twice its values

    def __init__(self) -> None:
        super().__init__()
        self.x = self.rng.standard_normal((BATCH, FEATURES))


class LinearJacobian(Jacobian):
    name = "jacobian-linear-x"
    title = f"fully connected layer {WIDTH} → {WIDTH} by its input"
    targets: ClassVar = {}
    peak_limit = 8 * WIDTH * WIDTH // 10  # no copy of W

    def __init__(self) -> None:
        super().__init__()
        self.x = self.rng.standard_normal(WIDTH)
        self.parameters = self.rng.standard_normal((WIDTH, WIDTH)), self.rng.standard_normal(WIDTH)

    def f(self, nn: Any, x: Any, W: Any, b: Any) -> Any:
        return nn.linear(x, W, b)


class LinearByWeightsJacobian(LinearJacobian):
    name = "jacobian-linear-w"
    title = f"fully connected layer {WIDTH} → {WIDTH} by its weights"
    peak_limit = 2**20

    def __init__(self) -> None:
        super().__init__()
        W, b = self.parameters
        self.x, self.parameters = W, (self.x, b)

    def f(self, nn: Any, W: Any, x: Any, b: Any) -> Any:
        return nn.linear(x, W, b)


class ConvolutionJacobian(Jacobian):
    name = "jacobian-conv"
    title = "convolution of a 3 × 32 × 32 image with 6 kernels of 5 × 5, by the image"
    targets: ClassVar = {"asdex": 1.0}

    def __init__(self) -> None:
        super().__init__()
        self.x = self.rng.standard_normal((1, 3, 32, 32))
        self.parameters = (self.rng.standard_normal((6, 3, 5, 5)),)

    def f(self, nn: Any, x: Any, K: Any) -> Any:
        return nn.conv2d(x, K)


class MaxPoolJacobian(Jacobian):
    name = "jacobian-max-pool"
    title = "max-pooling of 6 × 28 × 28 by 2 × 2"
    targets: ClassVar = {"sparsejac": 1.0}

    def __init__(self) -> None:
        super().__init__()
        self.x = self.rng.standard_normal((1, 6, 28, 28))

    def f(self, nn: Any, x: Any) -> Any:
        return nn.max_pool2d(x, 2)


class ConvolutionChainJacobian(ConvolutionJacobian):
    name = "jacobian-conv-chain"
    title = "that convolution, ReLU and max-pooling by 2 × 2"
    targets: ClassVar = {"sparsejac": 0.1}
    value_targets: ClassVar = {"sparsejac": 0.1}

    def f(self, nn: Any, x: Any, K: Any) -> Any:
        return nn.max_pool2d(nn.relu(nn.conv2d(x, K)), 2)


class MlpJacobian(Jacobian):
    name = "jacobian-mlp"
    title = "logits of a 784-256-128-10 ReLU network by a batch of 32"
    targets: ClassVar = {"asdex": 1.0, "sparsejac": 1.0}
    value_targets: ClassVar = {"asdex": 1.0, "sparsejac": 1.0}

    def __init__(self) -> None:
        super().__init__()
        widths = (784, 256, 128, 10)
        self.x = self.rng.standard_normal((32, widths[0]))
        layers = [
            (self.rng.standard_normal((m, n)) * np.sqrt(2 / n), self.rng.standard_normal(m))
            for n, m in pairwise(widths)
        ]
        self.parameters = tuple(array for layer in layers for array in layer)

    def f(self, nn: Any, x: Any, *parameters: Any) -> Any:
        *hidden, (W, b) = zip(parameters[::2], parameters[1::2], strict=True)
        for V, c in hidden:
            x = nn.relu(nn.linear(x, V, c))
        return nn.linear(x, W, b)
