package dashboards

// jobs is the dashboard of the runs: it reads the reports of the jobs, and the errors that they log.
func jobs() board {
	const reports = `event.dataset : "senmeteo.report"`
	byJob := &column{operation: "terms", field: "senmeteo.report.job", label: "Job · Job", size: 30}
	hour := &column{operation: "date_histogram", field: "@timestamp", label: "Hour · Heure", interval: "1h"}
	metric := func(operation, field, label string) column {
		return column{operation: operation, field: field, label: label}
	}
	perHour := func(id, title, series string, value column) panel {
		return chart{id: id, title: title, view: logs, query: reports, series: series, value: value, by: hour, split: byJob}.panel(14)
	}
	return board{
		id: "meteo-jobs", title: "Jobs · Jobs", from: "now-7d", view: logs,
		description: "Runs, durations, records, errors and lag · Exécutions, durées, enregistrements, erreurs et retard",
		controls:    []control{{"senmeteo.job", "Job · Job"}, {"senmeteo.run_id", "Run · Exécution"}},
		rows: [][]panel{
			{
				perHour("meteo-jobs-runs", "Runs by hour · Exécutions par heure", "bar_stacked", metric("count", "", "Runs · Exécutions")),
				chart{
					id: "meteo-jobs-outcomes", title: "Outcomes of each job · Issues par job", view: logs, query: reports,
					series: "bar_horizontal_stacked", value: metric("count", "", "Runs · Exécutions"),
					by: byJob, split: &column{operation: "terms", field: "senmeteo.report.outcome", label: "Outcome · Issue", size: 12},
				}.panel(14),
			},
			{
				perHour("meteo-jobs-duration", "Longest run by hour, s · Exécution la plus longue par heure, s", "line", metric("max", "senmeteo.report.seconds", "s")),
				perHour("meteo-jobs-lag", "Lag, records · Retard, enregistrements", "line", metric("max", "senmeteo.report.lag", "Records · Enregistrements")),
			},
			{
				perHour("meteo-jobs-written", "Records written by hour · Enregistrements écrits par heure", "bar_stacked", metric("sum", "senmeteo.report.written", "Records · Enregistrements")),
				perHour("meteo-jobs-rejected", "Records refused by hour · Enregistrements refusés par heure", "bar_stacked", metric("sum", "senmeteo.report.rejected", "Records · Enregistrements")),
			},
			{
				chart{
					id: "meteo-jobs-errors", title: "Errors by hour and service · Erreurs par heure et par service", view: logs, query: `log.level : "error"`,
					series: "bar_stacked", value: metric("count", "", "Lines · Lignes"), by: hour,
					split: &column{operation: "terms", field: "service.name", label: "Service · Service", size: 12},
				}.panel(14),
			},
			{table("meteo-jobs-lines", "Errors · Erreurs", logs, `log.level : "error"`,
				"service.name", "senmeteo.job", "message", "error.message", "senmeteo.run_id", "labels.dag_id", "labels.task_id")},
		},
	}
}
