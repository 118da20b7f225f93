package main

import (
	"strings"

	"github.com/urfave/cli/v2"
)

// exampleLines are command lines that the help of each verb shows.
var exampleLines = map[string][]string{
	"fetch generate":   {"senmeteo fetch generate --from 2026-01-01 --to 2026-02-01 --seed 7 --out january.csv", "senmeteo fetch generate --faults 0.02 --truth truth.jsonl"},
	"fetch tomorrow":   {"senmeteo fetch tomorrow --api-key-file secrets/tomorrow --dry-run"},
	"fetch open-meteo": {"senmeteo fetch open-meteo --stations Dakar,Thiès --dry-run", "senmeteo fetch open-meteo --from 2026-01-01 --to 2026-02-01 --cursor open-meteo.cursor"},
	"fetch scrape":     {"senmeteo fetch scrape --site aviationweather --dry-run"},
	"fetch file":       {"senmeteo fetch file measured.csv", "senmeteo fetch file --date-order dmy --column Capteur1=temperature_c report.xlsx", "senmeteo fetch file --move-to inbox/done --follow inbox"},
	"stream":           {"senmeteo stream", "senmeteo stream --follow --metrics-listen :9464"},
	"review":           {"senmeteo review", "senmeteo review --follow"},
	"to-hdfs":          {"senmeteo to-hdfs --hdfs hdfs://namenode:8020/meteo", "senmeteo to-hdfs --hdfs lake", "senmeteo to-hdfs --compact", "senmeteo to-hdfs --compact --all --before 2026-01-01"},
	"to-es":            {"senmeteo to-es --es-url http://127.0.0.1:9200", "senmeteo to-es --follow", "senmeteo to-es --prune --before 2024-01-01"},
	"to-pg":            {"SENMETEO_PG_URL_FILE=secrets/pg-url senmeteo to-pg", "senmeteo to-pg --follow", "senmeteo to-pg --prune --before 2024-01-01"},
	"to-redis":         {"senmeteo to-redis --redis 127.0.0.1:6379", "senmeteo to-redis --redis-ttl 72h --follow"},
	"dlq list":         {"senmeteo dlq list --reason bad_json --limit 10", "senmeteo dlq list --out letters.jsonl"},
	"dlq replay":       {"senmeteo dlq replay --dry-run", "senmeteo dlq replay --in letters.jsonl"},
	"reconcile":        {"senmeteo reconcile --hdfs lake --es-url http://127.0.0.1:9200", "senmeteo reconcile --from 2026-01-01 --to 2026-02-01 --json", "senmeteo reconcile --alerts"},
	"status":           {"senmeteo status --max-age 1h", "senmeteo status --json"},
	"quality":          {"senmeteo quality --day 2026-01-31"},
	"score":            {"senmeteo score --in january.jsonl --truth january.jsonl.truth.jsonl", "senmeteo score --in network.csv --limits limits.csv --json", "senmeteo score --in network.csv --inject 0.02 --seed 7"},
	"export":           {"senmeteo export --step month --from 2025-01-01 --to 2026-01-01 --out 2025.xlsx", "senmeteo export --step dekad --by-region --sources metar", "senmeteo export --form climsoft --sources metar --out climsoft.csv"},
	"alerts":           {"senmeteo alerts --webhook-url-file secrets/webhook-url --quiet 22:00-06:00", "senmeteo alerts --jobs --max-lag 1000 --max-dead-ratio 0.05", "senmeteo alerts --follow --pause 5m"},
	"alerts list":      {"senmeteo alerts list --json"},
	"alerts raise":     {"senmeteo alerts raise dag weather_ingest 'the DAG weather_ingest is red'"},
	"alerts clear":     {"senmeteo alerts clear dag weather_ingest"},
	"alerts mute":      {"senmeteo alerts mute --until 2026-12-31 SN-DK"},
	"gaps":             {"senmeteo gaps --from 2026-01-01 --to 2026-02-01 --elements", "senmeteo gaps --expect file=15m --max-missing 5 --json"},
	"verify":           {"SENMETEO_PG_URL_FILE=secrets/pg-url senmeteo verify", "senmeteo verify --from 2026-01-01 --to 2026-02-01 --leads 1,2,3,4,5,6,7 --json"},
	"convert":          {"senmeteo convert report.xlsx readings.csv", "senmeteo convert --decimal , --timezone Africa/Dakar old.csv readings.parquet"},
	"up":               {"senmeteo up", "senmeteo up --for 30s --data-dir lesson"},
	"serve":            {"senmeteo serve --listen 127.0.0.1:8090"},
	"topics":           {"senmeteo topics --partitions 12"},
	"schema":           {"senmeteo schema"},
	"health":           {"senmeteo health", "senmeteo health stream"},
	"completion":       {"source <(senmeteo completion bash)", "senmeteo completion zsh >~/.zfunc/_senmeteo", "senmeteo completion fish >~/.config/fish/completions/senmeteo.fish"},

	"forecast":          {"senmeteo forecast --in daily.csv --issued-at 2026-01-31 --dry-run", "SENMETEO_PG_URL_FILE=secrets/pg-url senmeteo forecast"},
	"forecast backtest": {"senmeteo forecast backtest --in daily.csv.gz --from 2019-01-01 --to 2022-01-01 --leads 1,3,7", "senmeteo forecast backtest --in daily.csv --json"},
}

// helpTemplate is the help of a verb, with its examples; path is the verb with the group that it is in.
func helpTemplate(path string) string {
	if len(exampleLines[path]) == 0 {
		return cli.CommandHelpTemplate
	}
	return cli.CommandHelpTemplate + "\nEXAMPLES:\n   " + strings.Join(exampleLines[path], "\n   ") + "\n"
}
