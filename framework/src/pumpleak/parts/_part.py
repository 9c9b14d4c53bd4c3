"""Parts of a membrane and their parameters: fields with unit, source, bounds and provenance."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Self

import attrs

from .._errors import CompositionError, UnitError, near
from ..units._quantity import NUMBER, Dimension, Quantity, quantity

_RECORD = "pumpleak"
GIVEN = "given by the user"
#: What a class says outside its fields and functions, and the equations depend on.
_CLASS_FACTS = ("ions", "opaque", "pools", "stoichiometry", "atp", "conducting")


@attrs.frozen(kw_only=True)
class ParameterInfo:
    """What is on record about one parameter.

    Args:
        path: its name below the part, such as ``"gating.V_half"``.
        value: the quantity in force.
        source: a reference, ``"assumed"``, or that the user gave it.
        measured: whether the source measured it.
        bounds: smallest and largest sensible value, in the unit of `value`; None is unbounded.
        is_default: whether the value is the part's own.
        doc: one line.
    """

    path: str
    value: Quantity
    source: str
    measured: bool
    bounds: tuple[float | None, float | None]
    is_default: bool
    doc: str = ""

    @property
    def basis(self) -> str:
        """How the value is known: ``given``, ``measured``, ``cited`` or ``assumed``."""
        if self.source == GIVEN:
            return "given"
        if self.measured:
            return "measured"
        return "assumed" if self.source.lower().startswith("assumed") else "cited"


@attrs.frozen(kw_only=True)
class _Declared:
    default: Quantity | None
    dimensions: tuple[Dimension, ...]
    source: str
    measured: bool
    bounds: tuple[float | None, float | None]
    doc: str
    narrowed: bool


def parameter(
    default: str | float | None = None,
    *,
    source: str,
    measured: bool = False,
    bounds: tuple[float | None, float | None] = (None, None),
    doc: str = "",
    dimensions: tuple[Dimension, ...] | None = None,
) -> Any:
    """Declare a parameter of a part as a class attribute.

    Args:
        default: value with its unit, such as ``"90 pS"``; a plain number where it has none.
        source: the reference for the number, or ``"assumed"``.
        measured: whether the source measured this number.
        bounds: smallest and largest sensible value in the unit of `default`.
        doc: one line for tables.
        dimensions: what a given value may be; by default the dimension of `default`.

    Returns:
        A field; read inside a physics function it is a number of the current number system.

    Raises:
        UnitError: `default` cannot be read, or is text without a unit, or `bounds` hold nothing.
    """
    low, high = bounds
    if low is not None and high is not None and low > high:
        raise UnitError(
            f"a parameter's bounds go from low to high, got ({low:g}, {high:g}); turn them round"
        )
    value = None if default is None else quantity(default)
    if value is not None and isinstance(default, str) and not value.unit:
        raise UnitError(
            f"a parameter's value as text has a unit, such as '90 pS', got {default!r}; give its "
            f"unit, or write a pure number without quotes, parameter({default.strip()}, ...)"
        )
    narrowed = dimensions is not None
    if dimensions is None:
        if value is None:
            raise UnitError("a parameter without a default must say its dimensions")
        dimensions = (value.dimension,)
    if not str(source or "").strip():
        raise UnitError("a parameter's source must be a reference or 'assumed', got nothing")
    declared = _Declared(
        default=value,
        dimensions=dimensions,
        source=source,
        measured=measured,
        bounds=bounds,
        doc=doc,
        narrowed=narrowed,
    )
    return _field(declared)


def _field(declared: _Declared) -> Any:
    def read(given: object, field: attrs.Attribute[Any]) -> Quantity | None:
        if given is None and declared.default is None:
            return None
        try:
            return quantity(given, declared.dimensions)
        except UnitError as error:
            raise UnitError(f"{field.name}: {error}") from error

    reader = attrs.Converter(read, takes_field=True)
    return attrs.field(default=declared.default, converter=reader, metadata={_RECORD: declared})


class Part:
    """Base of everything that has parameters: subclasses become frozen attrs classes by themselves.

    A class attribute made with `parameter` is a number with a unit; one that is itself a Part
    (a gating, a permeation) is a default that can be replaced when the part is made. A parameter
    that a subclass declares anew keeps what its base allowed it to be.
    """

    if TYPE_CHECKING:
        # Fields come from class attributes without annotations, which no type checker can follow.
        def __init__(self, **given: Any) -> None: ...

    def __init_subclass__(cls, **given: Any) -> None:
        super().__init_subclass__(**given)
        for name, value in list(vars(cls).items()):
            if isinstance(value, Part):
                setattr(cls, name, attrs.field(default=value))
            elif _RECORD in getattr(value, "metadata", {}):
                setattr(cls, name, _widened(value.metadata[_RECORD], cls, name))
        own_init = "__init__" in vars(cls)
        attrs.define(
            cls, slots=False, frozen=True, kw_only=True, eq=False, repr=False, auto_attribs=False
        )
        if not own_init:
            _explain_unknown(cls)

    @classmethod
    def unused_fields(cls) -> tuple[str, ...]:
        """Return fields that this class's physics does not look at."""
        return ()

    def __repr__(self) -> str:
        if len(vars(self)) < len(part_fields(type(self))):
            return f"<{type(self).__name__}, not made>"
        given = [f"{info.path}='{info.value}'" for info in self.parameters() if not info.is_default]
        return f"{type(self).__name__}({', '.join(given)})"

    def parameters(self) -> tuple[ParameterInfo, ...]:
        """Return what is on record about every parameter, nested parts included."""
        return tuple(_walk(self, ""))

    def bound(self, number: Callable[[str, Quantity], Any], prefix: str = "") -> Self:
        """Return a copy whose parameters are numbers of some number system.

        Args:
            number: called with each parameter's path and quantity.
            prefix: put before every path.
        """
        copy = object.__new__(type(self))
        values = {**vars(self), "_given": self}
        for field in _used_fields(type(self)):
            value = values[field.name]
            path = prefix + field.name
            if isinstance(value, Quantity):
                values[field.name] = number(path, value)
            elif isinstance(value, Part):
                values[field.name] = value.bound(number, path + ".")
            elif isinstance(value, Mapping):
                values[field.name] = {
                    key: number(f"{prefix}{key}", item) if isinstance(item, Quantity) else item
                    for key, item in value.items()
                }
        vars(copy).update(values)
        return copy

    def dimension_of(self, field: str) -> Dimension | None:
        """Return the dimension of a field's quantity, of the part as given; None if unset."""
        value = getattr(vars(self).get("_given", self), field)
        return value.dimension if isinstance(value, Quantity) else None

    def structure(self) -> tuple[Any, ...]:
        """Return what the equations depend on: everything but the parameters' values."""
        return (
            type(self),
            *((name, _shape(getattr(type(self), name, None))) for name in _CLASS_FACTS),
            *((field.name, _shape(getattr(self, field.name))) for field in part_fields(type(self))),
        )

    def with_values(self, changes: Mapping[str, object]) -> Self:
        """Return a copy with some parameters changed.

        Args:
            changes: parameter path to new value, units included.

        Raises:
            CompositionError: no such parameter; near names are offered.
            UnitError: a value of another dimension.
        """
        plain: dict[str, Any] = {}
        nested: dict[str, dict[str, object]] = {}
        fields = {field.name: field for field in part_fields(type(self))}
        maps = {
            key: name
            for name in fields
            if isinstance(getattr(self, name), Mapping)
            for key in getattr(self, name)
        }
        for path, value in changes.items():
            head, _, rest = path.partition(".")
            if rest and isinstance(getattr(self, head, None), Part):
                nested.setdefault(head, {})[rest] = value
            elif not rest and head in maps:
                plain.setdefault(maps[head], dict(getattr(self, maps[head])))[head] = quantity(
                    value, getattr(self, maps[head])[head].dimension
                )
            elif not rest and head in fields and _RECORD in fields[head].metadata:
                plain[head] = value
            else:
                known = [info.path for info in self.parameters()]
                raise CompositionError(
                    f"no parameter {path!r}{near(path, known)}; there are: {', '.join(known)}"
                )
        for head, inner in nested.items():
            plain[head] = getattr(self, head).with_values(inner)
        return attrs.evolve(self, **plain)  # type: ignore[misc]

    @classmethod
    def parameter_table(cls) -> list[dict[str, Any]]:
        """Return one row per parameter of this class: name, value, unit, source, basis, bounds."""
        return [
            {
                "name": info.path,
                "value": info.value.magnitude,
                "unit": info.value.unit,
                "source": info.source,
                "measured": info.measured,
                "basis": info.basis,
                "bounds": info.bounds,
                "doc": info.doc,
            }
            for info in _walk_class(cls)
        ]


class _Same:
    """Stands in a key for an object that has no hash: equal to itself alone."""

    def __init__(self, item: object) -> None:
        self.item = item  # held, so that its identity is not given to another

    def __hash__(self) -> int:
        return id(self.item)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.item is other.item


def _shape(value: Any) -> Any:
    """Return what the equations can depend on in a field: all of it, but a parameter's value."""
    if isinstance(value, Quantity):
        return value.dimension
    if isinstance(value, Part):
        return value.structure()
    if isinstance(value, Mapping):
        return tuple((key, _shape(item)) for key, item in value.items())
    if isinstance(value, list | tuple):
        return tuple(_shape(item) for item in value)
    try:
        hash(value)
    except TypeError:
        return _Same(value)
    return type(value), value  # 1, 1.0 and True are equal, yet not the same option


def part_fields(cls: type) -> tuple[attrs.Attribute[Any], ...]:
    """Return the fields of a part's class."""
    fields: tuple[attrs.Attribute[Any], ...] = vars(cls)["__attrs_attrs__"]
    return fields


def _used_fields(cls: type[Part]) -> list[attrs.Attribute[Any]]:
    unused = cls.unused_fields()
    return [field for field in part_fields(cls) if field.name not in unused]


def _widened(declared: _Declared, cls: type, name: str) -> Any:
    """Return the field of a parameter, allowed to be whatever a base class allowed."""
    for base in cls.__mro__[1:]:
        fields = {field.name: field for field in getattr(base, "__attrs_attrs__", ())}
        before = fields[name].metadata.get(_RECORD) if name in fields else None
        if before is None:
            continue
        if not declared.narrowed and set(declared.dimensions) < set(before.dimensions):
            declared = attrs.evolve(declared, dimensions=before.dimensions)
        break
    return _field(declared)


def _explain_unknown(cls: type) -> None:
    """Make a misspelt keyword an error that names the part and offers near names."""
    made = vars(cls)["__init__"]

    def init(self: Any, /, *args: Any, **given: Any) -> None:
        if args:
            raise CompositionError(
                f"{type(self).__name__} takes named values only, got {args[0]!r} without a name"
            )
        known = {field.name for field in part_fields(type(self)) if field.init}
        for name in given:
            if name not in known:
                raise CompositionError(
                    f"{type(self).__name__} has no field {name!r}{near(name, known)}; "
                    f"it has {', '.join(sorted(known))}"
                )
        made(self, **given)

    init.__wrapped__ = made  # type: ignore[attr-defined]
    type.__setattr__(cls, "__init__", init)


def _walk(part: Part, prefix: str, author: Part | None = None) -> Iterator[ParameterInfo]:
    """Yield a part's parameters; where a value equals `author`'s, the class's author chose it."""
    for field in _used_fields(type(part)):
        theirs = getattr(author, field.name, None)
        yield from _infos(getattr(part, field.name), field, prefix, part, theirs)


def _walk_class(cls: type[Part]) -> Iterator[ParameterInfo]:
    for field in _used_fields(cls):
        if field.default is not attrs.NOTHING:
            yield from _infos(field.default, field, "", None, field.default)


def _infos(
    value: Any, field: attrs.Attribute[Any], prefix: str, part: Part | None, theirs: Any
) -> Iterator[ParameterInfo]:
    declared: _Declared | None = field.metadata.get(_RECORD)
    source = str(getattr(part, "source", "assumed"))
    measured = bool(getattr(part, "measured", False))
    if declared is not None and isinstance(value, Quantity):
        same = declared.default is not None and value == declared.default
        chosen = value == theirs
        yield ParameterInfo(
            path=prefix + field.name,
            value=value,
            source=declared.source if same else source if chosen else GIVEN,
            measured=declared.measured if same else measured and chosen,
            bounds=_bounds_in(declared, value),
            is_default=same or chosen,
            doc=declared.doc,
        )
    elif isinstance(value, Part):
        author = theirs if isinstance(theirs, Part) else field.default
        same_kind = isinstance(author, Part) and type(author) is type(value)
        yield from _walk(value, f"{prefix}{field.name}.", author if same_kind else None)
    elif isinstance(value, Mapping):
        before = theirs if isinstance(theirs, Mapping) else {}
        for key, item in value.items():
            if isinstance(item, Quantity):
                # A source that came with numbers of the user's own is theirs; changing one is not.
                chosen = before.get(key) == item
                stated = chosen or (not before and source != "assumed")
                yield ParameterInfo(
                    path=prefix + str(key),
                    value=item,
                    source=source if stated else GIVEN,
                    measured=measured and stated,
                    bounds=(0, None),
                    is_default=chosen,
                    doc=field.name,
                )


def _bounds_in(declared: _Declared, value: Quantity) -> tuple[float | None, float | None]:
    """Return the declared bounds in the unit of `value`."""
    default = declared.default
    if default is None or default.unit == value.unit or declared.bounds == (None, None):
        return declared.bounds
    if value.dimension != default.dimension:
        return (None, None)
    low, high = (
        None if bound is None else _convert(bound, default.unit, value.unit)
        for bound in declared.bounds
    )
    return (low, high)


def _convert(magnitude: float, unit: str, into: str) -> float:
    here = quantity(f"{magnitude!r} {unit}").value
    one, zero = quantity(f"1 {into}").value, quantity(f"0 {into}").value
    return (here - zero) / (one - zero)


def number(given: object, what: str) -> Quantity:
    """Return a finite pure number as a quantity, for values that carry no unit.

    Raises:
        UnitError: anything else.
    """
    try:
        value = quantity(given, NUMBER)
    except UnitError as error:
        raise UnitError(f"{what}: {error}") from error
    if math.isnan(value.value):
        raise UnitError(f"{what}: expected a number, got nan")
    return value
