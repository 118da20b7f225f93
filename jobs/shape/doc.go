// Package shape recognises weather records in every form in which they reach senmeteo and makes
// readings or observations of them: the project's own JSON, flat records of other producers
// (rows of a table among them) and the bodies of Tomorrow.io's API. Names of fields are matched by their
// meaning, units are converted here and nowhere else.
//
// Data walk through these stages, each with its files:
//
//   - Values as they come: row.go, parse.go (JSON), value.go (numbers and words for missing ones).
//   - A table's names: header.go finds them, statements.go reads what is above them. Tables with one value a row
//     (long.go, long_value.go) and with several values a cell (isd.go) are made tables with a column for each.
//   - A tree's records: provider.go and the files of the services (aviation.go, openmeteo.go, openweather.go, tomorrow.go,
//     weathermodel.go, weatherservice.go, weatherstation.go; shown.go has the units that temperatures show); else tree.go
//     and columnar.go take objects apart, around.go keeps what is said around records, plain.go makes one field of a value
//     with its unit. records.go then judges their members as columns.
//   - What names mean: names.go, names_other.go, calendar_words.go, units.go, zone.go; beside.go settles names that mean
//     something only beside others, and known.go with known_*.go the layouts of tools and data sets.
//   - How a column is read: table.go judges it as a whole, by column_number.go, column_unit.go, column_word.go and
//     column_time.go; options.go has what the user says, which wins.
//   - One record: record.go fills a reading from cells, missing.go leaves out numbers that stand for none, time_text.go,
//     when.go and observed_at.go read its time, day.go and rows_of_days.go treat days, station.go finds its place, total.go
//     knows sums. own.go, fast.go and fast_scanner.go do the same for the project's own records, quickly.
//   - At the end: validate.go refuses what can't be, ignored.go collects what was left out. decoder.go holds the buffers
//     that all of this uses.
package shape
