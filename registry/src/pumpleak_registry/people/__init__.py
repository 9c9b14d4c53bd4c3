"""The catalogue for people: static pages that a browser opens from a folder or from a server."""

from ._draw import draw_catalogue as draw_catalogue
from ._draw import draw_sheet as draw_sheet
from ._draw import draw_static as draw_static
