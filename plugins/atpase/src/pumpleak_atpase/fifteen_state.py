"""A sodium pump as a reversible cycle of fifteen states."""

from __future__ import annotations

from typing import Any

from pumpleak import Claims, LocalState, ReferencePoint, parameter, stationary_occupancy

from ._sodium_pump import SodiumPump

_SOURCE = (
    "Pan, Gawthrop, Tran, Cursons & Crampin 2018, Proc R Soc A, doi 10.1098/rspa.2018.0106, "
    "as printed in its CellML file"
)
#: The elementary charge: what one charge a second is in pA.
_ELEMENTARY_PA_S = 1.602176634e-7
_STATES = tuple(f"P{i}" for i in range(1, 16))


def _kappa(value: str) -> Any:
    return parameter(value, source=_SOURCE, bounds=(1e-30, None), doc="rate constant of a step")


def _constant(value: str) -> Any:
    return parameter(value, source=_SOURCE, bounds=(1e-30, None), doc="thermodynamic constant")


class FifteenState(SodiumPump):
    """Step i takes state P_i to P_(i+1), step 15 back to P_1; each step can run backward.

    Forward, steps 3 to 5 bind sodium inside, 6 releases MgADP, 8 to 10 release sodium outside, 11
    and 12 bind potassium outside, 13 releases Pi and H, 14 binds MgATP, 1 and 2 release potassium
    inside. Rates are kappa_i K_i (forward) and kappa_i K_(i+1) (backward) times the activities
    bound; so the K cancel around the cycle, and the rate is zero exactly where the free energy of
    ATP pays for the ions and no more.

    Args:
        density: a count of pumps.
        kappa_1 to kappa_15: rate constant of each step.
        K_1 to K_15: thermodynamic constant of each state.
        K_Na_in, K_Na_out, K_K_in, K_K_out, K_MgATP, K_MgADP, K_Pi, K_H: of each ligand.
        share_5: part of the charge that moves in step 5; the rest moves in step 8.
        volume_in, volume_out: turn concentrations into the amounts that the constants are for.
        MgATP, MgADP, Pi, H: concentrations inside, above zero: without one of them the affinity
            would be infinite.

    References:
        Pan et al. 2018, doi 10.1098/rspa.2018.0106; Terkildsen et al. 2007.
    """

    kappa_1 = _kappa("104.5833 fmol/s")
    kappa_2 = _kappa("270075.4148 fmol/s")
    kappa_3 = _kappa("906610.9954 fmol/s")
    kappa_4 = _kappa("3509448.0698 fmol/s")
    kappa_5 = _kappa("5858.2952 fmol/s")
    kappa_6 = _kappa("8.3375 fmol/s")
    kappa_7 = _kappa("1.1523 fmol/s")
    kappa_8 = _kappa("1.1055 fmol/s")
    kappa_9 = _kappa("2150.4256 fmol/s")
    kappa_10 = _kappa("1045757.658 fmol/s")
    kappa_11 = _kappa("311526.5915 fmol/s")
    kappa_12 = _kappa("1873089.8475 fmol/s")
    kappa_13 = _kappa("168.3622 fmol/s")
    kappa_14 = _kappa("22.4585 fmol/s")
    kappa_15 = _kappa("0.0049006 fmol/s")
    K_1 = _constant("321178904.6865 /fmol")
    K_2 = _constant("31093.1227 /fmol")
    K_3 = _constant("12.0404 /fmol")
    K_4 = _constant("3.1105 /fmol")
    K_5 = _constant("3.2141 /fmol")
    K_6 = _constant("170.6981 /fmol")
    K_7 = _constant("10036.4321 /fmol")
    K_8 = _constant("31550.6969 /fmol")
    K_9 = _constant("9874266.4618 /fmol")
    K_10 = _constant("5076.1941 /fmol")
    K_11 = _constant("10.4383 /fmol")
    K_12 = _constant("1.7361 /fmol")
    K_13 = _constant("1.155 /fmol")
    K_14 = _constant("319.1183 /fmol")
    K_15 = _constant("6250238.4012 /fmol")
    K_Na_in = _constant("0.0024108 /fmol")
    K_Na_out = _constant("0.017678 /fmol")
    K_K_in = _constant("0.0080926 /fmol")
    K_K_out = _constant("0.059344 /fmol")
    K_MgATP = _constant("3.6718 /fmol")
    K_MgADP = _constant("7.1044e-05 /fmol")
    K_Pi = _constant("0.060187 /fmol")
    K_H = _constant("0.060187 /fmol")
    share_5 = parameter(
        5301.979 / 96485,
        source=f"{_SOURCE}: 5301.979 of 96485 C/mol",
        bounds=(0, 1),
        doc="part of the charge that moves in step 5",
    )
    volume_in = parameter("38 pL", source=_SOURCE, bounds=(1e-6, None))
    volume_out = parameter("5.182 pL", source=_SOURCE, bounds=(1e-6, None))
    MgATP = parameter("6.95 mM", source=_SOURCE, bounds=(1e-12, 1000))
    MgADP = parameter("0.035 mM", source=_SOURCE, bounds=(1e-12, 1000))
    Pi = parameter("0.3971 mM", source=_SOURCE, bounds=(1e-12, 1000))
    H = parameter(
        f"{0.0030534 / 38!r} mM", source=f"{_SOURCE}: 0.0030534 fmol in 38 pL", bounds=(1e-12, 10)
    )

    claims = Claims(
        references=[
            ReferencePoint(
                V="-85 mV",
                inside={"Na": "10 mM", "K": "145 mM"},
                outside={"Na": "140 mM", "K": "5.4 mM"},
                temperature="310 K",
                current=f"{6.627 * _ELEMENTARY_PA_S!r} pA",
                values={"density": "1 pump"},
                tolerance=1e-3,
                source=f"{_SOURCE}: 6.627 cycles a second, one charge each",
            )
        ]
    )

    def cycle_rate(self, s: LocalState) -> Any:
        """Return the cycles per time of one pump; negative where it runs backward."""
        forward, backward = self._rates(s)
        first = _occupancies(forward, backward, s)["P1"]
        # Forward minus backward flux of a step would cancel near reversal, and in fast steps
        # everywhere. Around the cycle p_(i+1) = (f_i p_i - J)/b_i; eliminating p_2 to p_15,
        #   J = p_1 (1 - product of b/f) / (1/f_1 + b_1/(f_1 f_2) + b_1 b_2/(f_1 f_2 f_3) + ...),
        # where only positive terms add up and the one difference is that of the affinity.
        total: Any = 1 / forward[14]
        for f, b in zip(forward[13::-1], backward[13::-1], strict=True):
            total = s.xp.let((1 + b * total) / f)
        return first * (1 - self._reverse_share(s)) / total

    def occupancies(self, s: LocalState) -> dict[str, Any]:
        """Return the stationary occupancy of P1 to P15."""
        return _occupancies(*self._rates(s), s)

    def affinity(self, s: LocalState) -> Any:
        """Return the free energy that one cycle dissipates, J/mol; 0 at reversal."""
        return -s.R * s.T * s.xp.log(self._reverse_share(s))

    def _activities(self, s: LocalState) -> dict[str, Any]:
        inside, outside = self.volume_in, self.volume_out
        bound = {
            "Na_in": self.K_Na_in * inside * s.inside.Na,
            "Na_out": self.K_Na_out * outside * s.outside.Na,
            "K_in": self.K_K_in * inside * s.inside.K,
            "K_out": self.K_K_out * outside * s.outside.K,
            "MgATP": self.K_MgATP * inside * self.MgATP,
            "MgADP": self.K_MgADP * inside * self.MgADP,
            "Pi": self.K_Pi * inside * self.Pi,
            "H": self.K_H * inside * self.H,
        }
        return {name: s.xp.let(activity) for name, activity in bound.items()}

    def _reverse_share(self, s: LocalState) -> Any:
        """Return the product of backward over forward rates around the cycle."""
        a = self._activities(s)
        sodium, potassium = a["Na_out"] / a["Na_in"], a["K_in"] / a["K_out"]
        spent = a["MgADP"] * a["Pi"] * a["H"] / a["MgATP"]
        return s.xp.let(sodium**3 * potassium**2 * spent * s.xp.exp(-s.V / s.VT))

    def _rates(self, s: LocalState) -> tuple[list[Any], list[Any]]:
        """Return the forward and backward rates of the fifteen steps."""
        a, u = self._activities(s), s.xp.let(s.V / s.VT)
        binds = {3: "Na_in", 4: "Na_in", 5: "Na_in", 11: "K_out", 12: "K_out", 14: "MgATP"}
        releases = {1: "K_in", 2: "K_in", 6: "MgADP", 8: "Na_out", 9: "Na_out", 10: "Na_out"}
        back = {
            **{step: a[name] for step, name in releases.items()},
            5: s.xp.exp(-self.share_5 * u),
            8: a["Na_out"] * s.xp.exp((self.share_5 - 1) * u),
            13: a["Pi"] * a["H"],
        }
        kappa = [getattr(self, f"kappa_{i}") for i in range(1, 16)]
        constant = [getattr(self, f"K_{i}") for i in range(1, 16)]
        forward, backward = [], []
        for i in range(15):
            ahead, behind = kappa[i] * constant[i], kappa[i] * constant[(i + 1) % 15]
            forward.append(s.xp.let(ahead * a[binds[i + 1]] if i + 1 in binds else ahead))
            backward.append(s.xp.let(behind * back[i + 1] if i + 1 in back else behind))
        return forward, backward


def _occupancies(forward: list[Any], backward: list[Any], s: LocalState) -> dict[str, Any]:
    rates = {}
    for i, (f, b) in enumerate(zip(forward, backward, strict=True)):
        here, there = _STATES[i], _STATES[(i + 1) % len(_STATES)]
        rates[here, there], rates[there, here] = f, b
    return stationary_occupancy(rates, s.xp, _STATES)
