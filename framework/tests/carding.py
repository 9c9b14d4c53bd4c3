"""A card that several tests read, change and break."""

from __future__ import annotations

LEAK = """\
format = 1

[card]
id = "lab-a.leak"
version = "1.0.0"
kind = "channel"
summary = "a potassium leak that depolarisation opens a little"
license = "CC-BY-4.0"
authors = [{ name = "A. Author", orcid = "0000-0002-1825-0097" }]
doi = "10.1234/made.up"
citation = "made up for tests"

[biology]
gene = "KCNK2"
species = "none"
temperature = "22 degC"
Q10 = 1.4
junction_potential = "not corrected"

[claims]
voltage = ["-120 mV", "60 mV"]
monotone = "rising"

[parameters.V_half]
value = -20.0
unit = "mV"
source = "assumed"
uncertainty = 2.5
at_least = -100
at_most = 100
doc = "half opening"

[parameters.z_g]
value = 0.3
source = "assumed"
at_least = 0

[parameters.unitary]
value = 20.0
unit = "pS"
source = "made up for tests"
measured = true

[physics]
open_probability = "1 / (1 + exp(-u))"
permeation = { kind = "ohmic", ion = "K" }

[physics.let]
u = "z_g * (V - V_half) / VT"

[[reference]]
V = "-20 mV"
inside = { K = "100 mM" }
outside = { K = "100 mM" }
temperature = "22 degC"
values = { density = "1000 channels" }
current = "-200 pA"
source = "by hand: half of 1000 x 20 pS, at -20 mV from E_K = 0"
"""
