"""The sizes of the cells that the map counts in: those that others may know, and two coarser ones."""

from django.conf import settings

from pictograph.places.grid import SIZE_STEP, coarser, grid_of_km

TIMES = (1, 5, 25)  # a town and its surroundings, a region, a part of a continent


def sizes_km() -> tuple[int, ...]:
    """The sizes, the smallest first: 10, 50 and 250 km by default."""
    return tuple(settings.PLACE_KM * times for times in TIMES)


def snapped(latitude: float, longitude: float) -> int:
    """The ground a photo was taken on as others may know it: no finer than the setting, the same for all of a cell."""
    return grid_of_km(settings.PLACE_KM).cell(latitude, longitude)


def cells_above(cell: int) -> tuple[int, ...]:
    """A cell with the larger ones that it counts in, by nothing but the cell itself."""
    return (cell, *(coarser(cell, size) for size in sizes_km()[1:]))


def numbers_of(size_km: float) -> tuple[int, int]:
    """The least and the greatest number that a cell of a size can have."""
    first = grid_of_km(size_km).size_hm * SIZE_STEP
    return first, first + SIZE_STEP - 1
