package dashboards

// quality is the dashboard of what is wrong: values that failed a check, and records that were refused.
func quality() board {
	day := &column{operation: "date_histogram", field: "@timestamp", label: "Day · Jour", interval: "1d"}
	return board{
		id: "meteo-quality", title: "Quality and dead letters · Qualité et lettres mortes", from: "now-30d", view: observations,
		description: "Which values failed a check, and which records were refused · Valeurs douteuses et enregistrements refusés",
		controls:    []control{{"station_id", "Station · Station"}}, // documents of both kinds have it
		rows: [][]panel{
			{
				chart{
					id: "meteo-quality-days", title: "Observations by day and quality · Observations par jour et par qualité", view: observations,
					series: "bar_stacked", value: count("Observations · Observations"), by: day, split: terms("quality", "Quality · Qualité", 3),
				}.panel(14),
				chart{
					id: "meteo-quality-sources", title: "Quality of each source · Qualité par source", view: observations,
					series: "bar_horizontal_stacked", value: count("Observations · Observations"),
					by: terms("source", "Source · Source", 20), split: terms("quality", "Quality · Qualité", 3),
				}.panel(14),
			},
			{
				chart{
					id: "meteo-quality-rules", title: "Failed rules · Règles enfreintes", view: observations, query: `not quality : "good"`,
					series: "bar_horizontal_stacked", value: count("Observations · Observations"),
					by: terms("qc_rules", "Rule · Règle", 30), split: terms("quality", "Quality · Qualité", 3),
				}.panel(14),
				chart{
					id: "meteo-quality-stations", title: "Failed rules by station · Règles enfreintes par station", view: observations, query: `not quality : "good"`,
					series: "bar_horizontal_stacked", value: count("Observations · Observations"),
					by: terms("station_id", "Station · Station", 50), split: terms("qc_rules", "Rule · Règle", 30),
				}.panel(14),
			},
			{failedValues()},
			{
				chart{
					id: "meteo-letters-days", title: "Dead letters by day and reason · Lettres mortes par jour et par motif", view: letters,
					series: "bar_stacked", value: count("Dead letters · Lettres mortes"), by: day, split: terms("reason", "Reason · Motif", 20),
				}.panel(14),
				chart{
					id: "meteo-letters-open", title: "Dead letters not sent back · Lettres mortes non renvoyées", view: letters, query: "replayed : false",
					value: count("Dead letters · Lettres mortes"),
				}.panel(14),
			},
			{
				chart{
					id: "meteo-letters-reasons", title: "Dead letters by reason and job · Lettres mortes par motif et par job", view: letters,
					series: "bar_horizontal_stacked", value: count("Dead letters · Lettres mortes"),
					by: terms("reason", "Reason · Motif", 20), split: terms("stage", "Job · Job", 10),
				}.panel(14),
				chart{
					id: "meteo-letters-stations", title: "Dead letters by station · Lettres mortes par station", view: letters,
					series: "bar_horizontal_stacked", value: count("Dead letters · Lettres mortes"),
					by: terms("station_id", "Station · Station", 50), split: terms("reason", "Reason · Motif", 20),
				}.panel(14),
			},
			{table("meteo-letters", "Dead letters · Lettres mortes", letters, "",
				"stage", "reason", "message", "station_id", "topic", "partition", "offset", "attempt", "replayed", "run_id")},
		},
	}
}

// failedValues counts failures by value, rule and station.
func failedValues() panel {
	return chart{
		id: "meteo-quality-values", title: "Failed rules by value and station · Règles enfreintes par valeur et station", view: observations,
		query: `not quality : "good"`, series: "bar_horizontal_stacked", value: count("Observations · Observations"),
		by: terms("qc_failed", "Value and rule · Valeur et règle", 50), split: terms("station_id", "Station · Station", 50),
	}.panel(18)
}

func count(label string) column { return column{operation: "count", label: label} }

func terms(field, label string, size int) *column {
	return &column{operation: "terms", field: field, label: label, size: size}
}
