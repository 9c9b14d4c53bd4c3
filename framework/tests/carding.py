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

#: Everything that a channel's card can hold: gates, a scheme, a pool, a link, written permeation.
FULL = """\
format = 1

[card]
id = "lab-b.full"
version = "0.2"
kind = "channel"
summary = "one of each"
license = "MIT OR Apache-2.0"
authors = [{ name = "B. Author" }, { name = "C. Author" }]

[parameters.density]
value = 2.0
unit = "nS"
source = "made up for tests"
accepts = ["nS", "nS/um^2"]

[parameters.half]
value = -30
unit = "mV"
source = "assumed"

[physics]
open_probability = '''
    own.n**2 * (own.O1 + own.O2) * (1 - links.other)
    * where(V < 0 * mV, 1, tanh(own.Ca / mM))
'''

[physics.links]
other = "kdr.n"

[physics.let]
u = "(V - half) / mV"
fast = "present(outside.Ca, exp(u / 50), 2)"

[physics.gates.n]
alpha = "0.1 * exprelr(-u / 10) / ms"
beta = "0.125 * exp(-u / 80) / ms"
power = 2
scale = "fast"

[physics.gates.m]
steady = "1 / (1 + exp(-u))"
tau = "2 * ms"

[physics.pools.Ca]
lowest = "1e-6 mM"
highest = "10 mM"
change = "0.01 / ms * (1e-4 * mM - own.Ca)"

[physics.schemes.gate]
states = ["C", "O1", "O2"]

[physics.schemes.gate.rates]
"C -> O1" = "exp(u / 20) / ms"
"O1 -> C" = "exp(-u / 20) / ms"
"O1 -> O2" = "1 / ms"
"O2 -> O1" = "2 / ms"

[physics.permeation]
kind = "equations"

[physics.permeation.parameters.reference]
value = 5.4
unit = "mM"
source = "assumed"
at_least = 0.001

[physics.permeation.let]
root = "sqrt(outside.K / reference)"

[physics.permeation.conductance]
K = "maximum * root * (V - E.K)"
"""

#: A transporter.
PUMP = """\
format = 1

[card]
id = "lab-a.pump"
version = "2.1.0"
kind = "pump"
summary = "a pump that sodium drives"
license = "CC0-1.0"
authors = [{ name = "A. Author" }]

[parameters.K_Na]
value = 10.0
unit = "mM"
source = "assumed"

[physics]
stoichiometry = { Na = 3, K = -2 }
atp = 1
activity = "1 / (1 + (K_Na / inside.Na)**3)"
affinity = "R * T * log(inside.Na / outside.Na)"
"""
