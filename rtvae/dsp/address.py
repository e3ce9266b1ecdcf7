"""Address: where an array's numbers lie in memory, for compiled code."""

from typing import Any

from numpy.typing import NDArray


def address_of(array: NDArray[Any]) -> int:
    """Return the address of an array's first number; valid as long as the array is.

    Not by `array.ctypes`: that leaves a little memory behind each time.
    """
    address: int = array.__array_interface__["data"][0]
    return address
