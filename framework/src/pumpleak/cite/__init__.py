"""Citations by use: which works stand behind the numbers of one membrane.

Plugins list the works that they cite in a ``references.toml`` beside their thin module; sources of
parameters refer to them in their own words.
"""

from ._citations import Citation as Citation
from ._citations import Citations as Citations
from ._collect import citations as citations
from ._references import Reference as Reference

__all__ = ["Citation", "Citations", "Reference", "citations"]
