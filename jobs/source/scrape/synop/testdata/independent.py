"""Decodes each line of standard input by pymetdecoder and prints what it says, in our variables and units, as JSON."""

import json
import sys
import warnings

from pymetdecoder import synop

warnings.simplefilter("ignore")

KNOT = 1852 / 3600


def value(*path, of):
    """The value at a path of the decoder's tree, None when there is none."""
    for name in path:
        of = (of or {}).get(name)
    return of


def speed(tree, unit):
    x = value("speed", "value", of=tree)
    return None if x is None or unit is None else x * (1 if unit == "m/s" else KNOT)


def decoded(line):
    # The package reads a report from AAXX on, without the mark of a correction before it and the equals sign behind it.
    tree = synop.SYNOP().decode("AAXX" + line.split("AAXX", 1)[1].rstrip("=\n"))
    unit = value("wind_indicator", "unit", of=tree)
    out = {
        "temperature_c": value("air_temperature", "value", of=tree),
        "dew_point_c": value("dewpoint_temperature", "value", of=tree),
        "humidity_pct": value("relative_humidity", "value", of=tree),
        "pressure_hpa": value("sea_level_pressure", "value", of=tree),
        "wind_speed_ms": speed(tree.get("surface_wind"), unit),
        "wind_direction_deg": value("surface_wind", "direction", "value", of=tree),
        "visibility_m": value("visibility", "value", of=tree),
        "temperature_max_c": value("maximum_temperature", "value", of=tree),
        "temperature_min_c": value("minimum_temperature", "value", of=tree),
        "station": value("station_id", "value", of=tree),
    }
    oktas = value("cloud_cover", "value", of=tree)
    out["cloud_cover_pct"] = None if oktas is None else oktas * 12.5
    for name in ("precipitation_s1", "precipitation_s3", "precipitation_24h"):
        amount = value(name, "amount", "value", of=tree)
        if value(name, "amount", "trace", of=tree):
            amount = 0
        hours = value(name, "time_before_obs", "value", of=tree)
        if amount is not None and hours is not None:
            out["rain_mm"], out["interval_s"] = amount, hours * 3600
            break
    gusts = tree.get("highest_gust") or []
    speeds = [s for s in (speed(g, unit) for g in gusts) if s is not None]
    out["wind_gust_ms"] = speeds[0] if speeds else None
    return {k: v for k, v in out.items() if v is not None}


for line in sys.stdin:
    try:
        print(json.dumps(decoded(line)))
    except Exception as e:  # the decoder has errors of many types
        print(json.dumps({"error": f"{type(e).__name__}: {e}"}))
