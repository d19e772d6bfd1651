"""Statements that are written once and then asked: the ORM takes ten times as long to write one as to be answered."""

from collections.abc import Callable, Hashable, Mapping
from typing import Any

from django.db import connection
from django.db.models import Expression, Field, QuerySet
from django.db.models.sql.compiler import SQLCompiler

# What a query has in the place of a value, by its name and field: the value itself, or a blank to be filled in later.
Put = Callable[[str, Any, "Field[Any, Any]"], Any]
Query = Callable[[Put], "QuerySet[Any, Any]"]

KEPT = 300  # statements, of some 25 kB each


def as_it_is(_name: str, value: Any, _field: "Field[Any, Any]") -> Any:
    """The value itself."""
    return value


class Blank(Expression):
    """A place in a statement for a value of a field's kind."""

    def __init__(self, name: str, field: "Field[Any, Any]") -> None:
        super().__init__(output_field=field)
        self.name = name

    def as_sql(self, _compiler: SQLCompiler, _connection: Any) -> tuple[str, Any]:
        """A parameter, which is this blank until a statement is asked."""
        return "%s", [self]


class Prepared:
    """A query as a statement with blanks."""

    def __init__(self, query: Query) -> None:
        compiler = query(lambda name, _value, field: Blank(name, field)).query.get_compiler(connection=connection)
        self._statement, self._parameters = compiler.as_sql()
        self._columns = [column for column, *_ in compiler.select]
        self._compiler = compiler

    def ask(self, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """The rows for these values of the blanks."""
        with connection.cursor() as cursor:
            cursor.execute(self._statement, [_filled(parameter, values) for parameter in self._parameters])
            rows = cursor.fetchall()
        converters = self._compiler.get_converters(self._columns)  # which know this thread's connection
        return list(map(tuple, self._compiler.apply_converters(rows, converters))) if converters else rows


_prepared: dict[Hashable, Prepared] = {}


def rows_of(shape: Hashable, query: Query, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """The rows of a query, which is written for the first of each shape: all that varies within one is put in."""
    key = connection.vendor, shape
    prepared = _prepared.get(key)
    if prepared is None:
        prepared = Prepared(query)
        if len(_prepared) >= KEPT:
            _prepared.clear()
        _prepared[key] = prepared
    return prepared.ask(values)


def _filled(parameter: Any, values: Mapping[str, Any]) -> Any:
    if not isinstance(parameter, Blank):
        return parameter
    return parameter.output_field.get_db_prep_value(values[parameter.name], connection)
