"""How this server reaches into aiortc and aioice, whose hooks end before our needs do.

Both ways are per object: nothing is changed for other users of the libraries in the process. Both
fail loudly when a new version has moved what they reach for.
"""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType, MethodType
from typing import Any


def get_private(owner: object, cls: type, name: str) -> Any:
    """The attribute `self.__name` as written inside `cls`. Raises AttributeError if there is
    none."""
    return getattr(owner, f"_{cls.__name__}__{name}")


def set_private(owner: object, cls: type, name: str, value: object) -> None:
    get_private(owner, cls, name)
    setattr(owner, f"_{cls.__name__}__{name}", value)


def rebind(owner: object, method: Callable[..., Any], **names: object) -> None:
    """Give `owner` its own copy of one of its class's methods, which sees `names` as module
    globals."""
    if not isinstance(method, FunctionType):
        raise TypeError(f"{method!r} is not a plain method")
    missing = names.keys() - method.__globals__.keys()
    if missing or getattr(type(owner), method.__name__, None) is not method:
        raise AttributeError(f"{method.__qualname__} has changed: {sorted(missing)}")
    copy = FunctionType(
        method.__code__,
        {**method.__globals__, **names},
        method.__name__,
        method.__defaults__,
        method.__closure__,
    )
    copy.__kwdefaults__ = method.__kwdefaults__
    setattr(owner, method.__name__, MethodType(copy, owner))


def with_names(function: Callable[..., Any], **names: object) -> Callable[..., Any]:
    """A copy of a module's function, which sees `names` as module globals. Raises AttributeError if it has no use for
    them."""
    if not isinstance(function, FunctionType):
        raise TypeError(f"{function!r} is not a plain function")
    if missing := names.keys() - set(function.__code__.co_names):
        raise AttributeError(f"{function.__qualname__} has changed: {sorted(missing)}")
    scope = {**function.__globals__, **names}
    return FunctionType(function.__code__, scope, function.__name__, function.__defaults__)
