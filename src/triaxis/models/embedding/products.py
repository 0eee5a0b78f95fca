"""Products with the weights of an encoder, in a named precision, always over the same number of rows.

A row of a product comes from its own row alone: rows are many enough in number to fill every register tile, the number is
fixed, and what is rounded is rounded number by number. Scales of a whole batch, as usual for int8, would break that.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from torch import Tensor

SLOTS = 512
"""Token slots of a batch; a multiple of every register tile, large enough for full speed, small enough for one text."""

Linear = Callable[["Tensor"], "Tensor"]


class Precision(Protocol):
    """What makes a product with given weights."""

    def __call__(self, weight: Tensor, bias: Tensor, activation: str = "none") -> Linear:
        """From weight (out, in) and bias (out,), float32: hidden (SLOTS, in) -> (SLOTS, out); activation "none" or "gelu"."""
        ...


def float32(weight: Tensor, bias: Tensor, activation: str = "none") -> Linear:
    """Everything in float32."""
    return _product(weight, bias, activation, has_packed=has_onednn())


def bfloat16(weight: Tensor, bias: Tensor, activation: str = "none") -> Linear:
    """Factors and results rounded to bfloat16 (8 significant bits), sums in float32; takes either type, gives bfloat16."""
    product = _product(weight.bfloat16(), bias.bfloat16(), activation, has_packed=has_onednn() and _has_bfloat16())
    return lambda hidden: product(hidden.bfloat16())


def _product(weight: Tensor, bias: Tensor, activation: str, *, has_packed: bool) -> Linear:
    """In the type of `weight`, through oneDNN's reordered weights where this torch has them."""
    import torch
    from torch.nn.functional import gelu, linear

    if has_packed:
        # What torch.compile uses. MKL is half as fast where it does not know the processor (every AMD).
        ops = torch.ops.mkldnn
        packed = ops._reorder_linear_weight(weight.contiguous(), SLOTS)
        return lambda hidden: ops._linear_pointwise(hidden, packed, bias, activation, [], "none")
    if activation == "gelu":
        return lambda hidden: gelu(linear(hidden, weight, bias))
    return lambda hidden: linear(hidden, weight, bias)


@cache
def has_onednn() -> bool:
    """Whether this torch can multiply through oneDNN."""
    import torch

    names = ("_reorder_linear_weight", "_linear_pointwise")
    return bool(torch._C._has_mkldnn) and all(hasattr(torch.ops.mkldnn, name) for name in names)


def _has_bfloat16() -> bool:
    """Whether oneDNN multiplies bfloat16 on this processor, natively or by conversion."""
    import torch

    supported = getattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", None)
    return supported is not None and bool(supported())
