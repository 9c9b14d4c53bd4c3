"""Number systems in which physics runs: floats, dimensions, intervals, symbols."""
