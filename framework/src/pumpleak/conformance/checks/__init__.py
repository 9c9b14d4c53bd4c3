"""The checks, by what they speak of; importing a module registers its checks."""
