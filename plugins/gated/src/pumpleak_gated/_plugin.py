"""What this distribution registers; imports no numerics."""

from __future__ import annotations

from collections.abc import Iterator

from pumpleak.host import MechanismRecord, hookimpl

_CHANNELS = (
    ("HodgkinHuxleyNa", "hodgkin_huxley_na", ("Na",), "squid sodium channel, m^3 h"),
    ("HodgkinHuxleyK", "hodgkin_huxley_k", ("K",), "squid potassium channel, n^4"),
    ("Leak", "leak", ("nonspecific",), "ohmic leak through a fixed reversal potential"),
    ("PersistentNa", "persistent_na", ("Na",), "sodium channel that does not inactivate"),
    ("InwardRectifier", "inward_rectifier", ("K",), "Kir: open below E_K, grows with sqrt(K_o)"),
    ("HuebelNa", "huebel_na", ("Na",), "sodium channel whose h is tied to n, m^3 h"),
    ("HuebelK", "huebel_k", ("K",), "potassium channel of the same neuron, n^4"),
    ("LuoRudyNa", "luo_rudy_na", ("Na",), "ventricular fast sodium channel, m^3 h j"),
    ("LuoRudyCa", "luo_rudy_ca", ("Ca",), "ventricular slow inward channel with its calcium pool"),
    ("LuoRudyK", "luo_rudy_k", ("K",), "ventricular delayed potassium channel, x and xi"),
    ("LuoRudyK1", "luo_rudy_k1", ("K",), "ventricular inward rectifier"),
    ("LuoRudyKp", "luo_rudy_kp", ("K",), "ventricular plateau potassium channel"),
    ("LuoRudyBackground", "luo_rudy_background", ("nonspecific",), "ventricular background leak"),
)


@hookimpl
def pumpleak_mechanisms() -> Iterator[MechanismRecord]:
    """Register the gated channels."""
    for name, module, ions, summary in _CHANNELS:
        yield MechanismRecord(
            name=name,
            factory=f"pumpleak_gated.{module}:{name}",
            summary=summary,
            kind="channel",
            ions=ions,
        )
