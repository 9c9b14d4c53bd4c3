"""Share pumpleak plugins and cards between labs: a signed index, its admission, and its client."""
