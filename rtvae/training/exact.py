"""Where half precision would be heard: these stay in full, whatever the rest is computed in.

Eight bits of mantissa put a floor of noise 50 dB under a sound, above much of what a log-mel
distance looks at; levels, pitches and the way from and to audio must not have it.
"""

import functools
from collections.abc import Callable
from typing import Any, TypeVar, cast

import torch
from torch import Tensor

Method = TypeVar("Method", bound=Callable[..., Any])


def exact(method: Method) -> Method:
    """Make a module's method compute in float32 under autocast; the first argument is a tensor."""

    @functools.wraps(method)
    def whole(self: Any, first: Tensor, *others: Any) -> Any:
        with torch.autocast(first.device.type, enabled=False):
            return method(self, *(_full(value) for value in (first, *others)))

    return cast(Method, whole)


def _full(value: Any) -> Any:
    return value.float() if isinstance(value, Tensor) and value.is_floating_point() else value
