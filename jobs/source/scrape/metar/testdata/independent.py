"""Decodes each line of standard input by the package metar and prints what it says, in our variables and units, as JSON."""

import json
import re
import sys

from metar import Metar

OKTAS = {"FEW": 1.5, "SCT": 3.5, "BKN": 6, "OVC": 8, "SKC": 0, "CLR": 0, "NSC": 0, "NCD": 0}


def decoded(line):
    # The package does not know the word COR before a report, nor the equals sign behind one.
    m = Metar.Metar(re.sub(r"^COR ", "", line.strip().rstrip("=")), month=11, year=2026, strict=False)
    out = {
        "temperature_c": m.temp and m.temp.value("C"),
        "dew_point_c": m.dewpt and m.dewpt.value("C"),
        "pressure_hpa": m.press and m.press.value("HPA"),
        "wind_speed_ms": m.wind_speed and m.wind_speed.value("MPS"),
        "wind_gust_ms": m.wind_gust and m.wind_gust.value("MPS"),
        "wind_direction_deg": m.wind_dir and m.wind_dir.value(),
        "visibility_m": m.vis and m.vis.value("M"),
        "station": m.station_id,
    }
    layers = [OKTAS[word] for word, _, _ in m.sky if word in OKTAS]
    out["cloud_cover_pct"] = max(layers) * 12.5 if layers else None
    return {k: v for k, v in out.items() if v is not None}


for line in sys.stdin:
    try:
        print(json.dumps(decoded(line)))
    except Exception as e:
        print(json.dumps({"error": f"{type(e).__name__}: {e}"}))
