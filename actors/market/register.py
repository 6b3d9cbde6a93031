"""Which venue ids are ours, under which keys, and since when each is over. Knows no order itself."""

from __future__ import annotations

from attrs import define, field

from actors.model.order import Key

_REMEMBERED = 50_000


@define(eq=False)
class Register:
    """The newest ids that were ever ours: an update of an order that is over must not be taken for a stranger's."""

    _keys: dict[str, Key] = field(factory=dict)
    _buried: dict[Key, float] = field(factory=dict)

    def __contains__(self, order_id: str) -> bool:
        return order_id in self._keys

    def key(self, order_id: str) -> Key | None:
        """The key of an id; None for one that is not ours."""
        return self._keys.get(order_id)

    def enter(self, order_id: str, key: Key) -> None:
        """From here on the id is ours; the oldest one is forgotten when there are too many."""
        self._keys[order_id] = key
        if len(self._keys) > _REMEMBERED:
            self._buried.pop(self._keys.pop(next(iter(self._keys))), None)

    def bury(self, key: Key, at: float) -> None:
        """Its order was proven dead then (trio time)."""
        self._buried[key] = at

    def buried_before(self, key: Key, at: float) -> bool:
        """Whether its order had been proven dead by then: a picture taken later that shows it open is news."""
        buried = self._buried.get(key)
        return buried is not None and buried < at
