"""A fully connected network 784-256-128-10 with ReLU on a batch of 128: loss and gradients in float32."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, ClassVar

import numpy as np

from ..workload import Task, Workload

WIDTHS = (784, 256, 128, 10)
BATCH = 128


class Mlp(Workload):
    name = "mlp"
    title = f"loss and gradients of a {'-'.join(map(str, WIDTHS))} ReLU network on a batch of {BATCH}, float32"
    targets: ClassVar = {"torch": 1.0, "numpy": 1.15, "autograd": 1.0}
    tolerance = 1e-5

    def __init__(self) -> None:
        rng = np.random.default_rng(0)
        self.x = rng.random((BATCH, WIDTHS[0]), np.float32)
        self.labels = rng.integers(WIDTHS[-1], size=BATCH)
        self.weights = [(rng.standard_normal((m, n)) * np.sqrt(2 / n)).astype(np.float32) for n, m in pairwise(WIDTHS)]
        self.biases = [np.zeros(m, np.float32) for m in WIDTHS[1:]]

    def stepgrad(self) -> Task:
        import stepgrad as sg

        x, labels, weights, biases = self.x, self.labels, self.weights, self.biases

        def loss(weights: Any, biases: Any) -> Any:
            h = x
            for W, b in zip(weights[:-1], biases[:-1], strict=True):
                h = sg.nn.relu(sg.nn.linear(h, W, b))
            return sg.nn.softmax_cross_entropy(sg.nn.linear(h, weights[-1], biases[-1]), labels)

        both = sg.value_and_grad(loss, (0, 1))
        return lambda: both(weights, biases)

    def numpy(self) -> Task:
        """By hand, as one who knows NumPy well would: in place wherever nothing is read again."""
        x, labels, rows = self.x, self.labels, np.arange(BATCH)
        (W1, W2, W3), (b1, b2, b3) = self.weights, self.biases

        def task() -> Any:
            h1 = x @ W1.T
            h1 += b1
            np.maximum(h1, 0, out=h1)
            h2 = h1 @ W2.T
            h2 += b2
            np.maximum(h2, 0, out=h2)
            z = h2 @ W3.T
            z += b3
            z -= z.max(axis=1, keepdims=True)
            p = np.exp(z)
            sums = p.sum(axis=1, keepdims=True)
            loss = (np.log(sums[:, 0]) - z[rows, labels]).mean()

            p /= sums
            p[rows, labels] -= 1
            p /= BATCH
            gW3, gb3 = p.T @ h2, p.sum(axis=0)
            g2 = p @ W3
            g2 *= h2 > 0
            gW2, gb2 = g2.T @ h1, g2.sum(axis=0)
            g1 = g2 @ W2
            g1 *= h1 > 0
            gW1, gb1 = g1.T @ x, g1.sum(axis=0)
            return loss, ([gW1, gW2, gW3], [gb1, gb2, gb3])

        return task

    def autograd(self) -> Task:
        import autograd.numpy as anp
        from autograd import value_and_grad

        x, labels, rows, weights, biases = self.x, self.labels, np.arange(BATCH), self.weights, self.biases

        def loss(parameters: Any) -> Any:
            weights, biases = parameters
            h = x
            for W, b in zip(weights[:-1], biases[:-1], strict=True):
                h = anp.maximum(h @ W.T + b, np.float32(0))
            z = h @ weights[-1].T + biases[-1]
            z = z - anp.max(z, axis=1, keepdims=True)
            return anp.mean(anp.log(anp.sum(anp.exp(z), axis=1)) - z[rows, labels])

        both = value_and_grad(loss)
        return lambda: both((weights, biases))

    def torch(self) -> Task:
        import torch
        from torch.nn import functional

        x, labels = torch.from_numpy(self.x), torch.from_numpy(self.labels)
        weights = [torch.tensor(W, requires_grad=True) for W in self.weights]
        biases = [torch.tensor(b, requires_grad=True) for b in self.biases]

        def task() -> Any:
            h = x
            for W, b in zip(weights[:-1], biases[:-1], strict=True):
                h = functional.relu(functional.linear(h, W, b))
            loss = functional.cross_entropy(functional.linear(h, weights[-1], biases[-1]), labels)
            return loss.detach(), torch.autograd.grad(loss, weights + biases)

        return task

    def jax(self) -> Task:
        import jax
        import jax.numpy as jnp

        x, labels, rows = jnp.asarray(self.x), jnp.asarray(self.labels), jnp.arange(BATCH)
        parameters = [jnp.asarray(W) for W in self.weights], [jnp.asarray(b) for b in self.biases]

        def loss(parameters: Any) -> Any:
            weights, biases = parameters
            h = x
            for W, b in zip(weights[:-1], biases[:-1], strict=True):
                h = jax.nn.relu(h @ W.T + b)
            return -jnp.mean(jax.nn.log_softmax(h @ weights[-1].T + biases[-1])[rows, labels])

        both = jax.jit(jax.value_and_grad(loss))
        return lambda: jax.block_until_ready(both(parameters))
