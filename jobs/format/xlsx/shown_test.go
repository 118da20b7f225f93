package xlsx

import (
	"strings"
	"testing"
	"time"

	"senmeteo/jobs/shape"
)

// Day 46235 is 1 August 2026; 44773 is where days are counted from 1904.
func TestACellIsWhatItShows(t *testing.T) {
	temp, day := num(0, "27.1"), num(sDate, "46235")
	for name, c := range map[string]struct {
		names []string
		rows  [][]string
		book  string
		want  string // readings, separated by |
		notes string // each in a line of its own, the beginnings separated by |
	}{
		"a day and whole hours": {
			names: []string{"Date", "Heure", "Température"},
			rows:  [][]string{{day, num(0, "0"), temp}, {day, num(0, "6"), temp}, {day, num(0, "18"), temp}},
			want:  "SN-DK 2026-08-01 00:00 temperature_c=27.1|SN-DK 2026-08-01 06:00 temperature_c=27.1|SN-DK 2026-08-01 18:00 temperature_c=27.1",
		},
		"a day and times of day": {
			names: []string{"Date", "Heure", "Température"},
			rows:  [][]string{{day, num(sClock, "0.25"), temp}, {day, num(sElapsed, "0.75"), temp}, {day, num(sClock, "0.99930555555"), temp}},
			want:  "SN-DK 2026-08-01 06:00 temperature_c=27.1|SN-DK 2026-08-01 18:00 temperature_c=27.1|SN-DK 2026-08-01 23:59 temperature_c=27.1",
		},
		"a time of day that has the date too": {
			names: []string{"Date", "Heure", "Température"},
			rows:  [][]string{{day, num(sClock, "46235.5"), temp}, {day, num(sDateTime, "46235.75"), temp}},
			want:  "SN-DK 2026-08-01 12:00 temperature_c=27.1|SN-DK 2026-08-01 18:00 temperature_c=27.1",
		},
		"an hour that is shown as 0:00": {
			names: []string{"Date", "Heure", "Température"},
			rows:  [][]string{{day, num(sClock, "6"), temp}},
			want:  `sheet "Données", row 2: invalid_time`,
		},
		"dates with their time of day": {
			names: []string{"Date et heure", "Température"},
			rows:  [][]string{{num(sDateTime, "46235.5"), temp}, {num(sShort, "46235"), temp}},
			want:  "SN-DK 2026-08-01 12:00 temperature_c=27.1|SN-DK 2026-08-01 00:00 temperature_c=27.1",
		},
		"a day alone": {
			names: []string{"Date", "Tmax"},
			rows:  [][]string{{day, num(0, "35")}},
			want:  "SN-DK 2026-08-02 00:00 temperature_max_c=35",
		},
		"a cell that has lost its format": {
			names: []string{"Date et heure", "Température"},
			rows:  [][]string{{num(sDateTime, "46235.5"), temp}, {num(0, "46235.75"), temp}},
			want:  "SN-DK 2026-08-01 12:00 temperature_c=27.1|SN-DK 2026-08-01 18:00 temperature_c=27.1",
		},
		"days from 1904": {
			names: []string{"Date", "Heure", "Température"}, book: `<workbookPr date1904="true"/>`,
			rows: [][]string{{num(sDate, "44773"), num(sClock, "0.5"), temp}, {num(0, "44774"), num(0, "6"), temp}},
			want: "SN-DK 2026-08-01 12:00 temperature_c=27.1|SN-DK 2026-08-02 06:00 temperature_c=27.1",
		},
		"days from 1904 that no cell shows as such": {
			names: []string{"Date et heure", "Température"}, book: `<workbookPr date1904="1"/>`,
			rows: [][]string{{num(0, "44773.5"), temp}},
			want: "SN-DK 2026-08-01 12:00 temperature_c=27.1",
		},
		"dates of ISO 8601": {
			names: []string{"Date", "Heure", "Température"},
			rows: [][]string{
				{`<c s="1" t="d"><v>2026-08-01T00:00:00</v></c>`, `<c s="3" t="d"><v>1899-12-30T06:00:00</v></c>`, temp},
				{`<c s="2" t="d"><v>2026-08-01T12:00:00Z</v></c>`, "", temp},
			},
			want: "SN-DK 2026-08-01 06:00 temperature_c=27.1|SN-DK 2026-08-01 12:00 temperature_c=27.1",
		},
		"a month is not a day": {
			names: []string{"Date", "Tmax"},
			rows:  [][]string{{num(sMonth, "46235"), num(0, "35")}},
			want:  `sheet "Données", row 2: invalid_time`,
		},
		"a number of the day of the month": {
			names: []string{"Jour", "Température"},
			rows:  [][]string{{num(0, "15"), temp}},
			want:  `sheet "Données", row 2: invalid_time`,
		},
		"per cent": {
			names: []string{"Date et heure", "Humidité (%)", "Nébulosité"},
			rows: [][]string{
				{num(sDateTime, "46235.5"), num(sPercent, "0.65"), num(sColouredPercent, "0.07")},
				{num(sDateTime, "46235.5"), num(sPercentSign, "65"), num(0, "50")},
			},
			want: "SN-DK 2026-08-01 12:00 humidity_pct=65 cloud_cover_pct=7|SN-DK 2026-08-01 12:00 humidity_pct=65 cloud_cover_pct=50",
		},
		"a unit that only the format shows": {
			names: []string{"Date et heure", "Température"},
			rows:  [][]string{{num(sDateTime, "46235.5"), num(sFahrenheit, "80.6")}},
			want:  "SN-DK 2026-08-01 12:00 temperature_c=27",
		},
		"a format that hides thousands": {
			names: []string{"Date et heure", "Visibilité (km)"},
			rows:  [][]string{{num(sDateTime, "46235.5"), num(sThousands, "12000")}},
			want:  "SN-DK 2026-08-01 12:00 visibility_m=12000",
		},
		"a format whose text has the letters of dates": {
			names: []string{"Date et heure", "Température"},
			rows:  [][]string{{num(sDateTime, "46235.5"), num(sDays, "27.1")}},
			want:  "SN-DK 2026-08-01 12:00 temperature_c=27.1",
		},
		"numbers and dates as text": {
			names: []string{"Date", "Température", "Pression"},
			rows:  [][]string{{word("13/08/2026 12:00"), word("27,1"), word("1\u202f013,2")}, {word("01/08/2026 12:00"), temp, num(sText, "1013.2")}},
			want:  "SN-DK 2026-08-13 12:00 temperature_c=27.1 pressure_hpa=1013.2|SN-DK 2026-08-01 12:00 temperature_c=27.1 pressure_hpa=1013.2",
		},
		"results of formulas": {
			names: []string{"Date et heure", "Température", "Humidité"},
			rows: [][]string{
				{num(sDateTime, "46235.5"), `<c><f>A1+1</f><v>27.1</v></c>`, `<c><f>0</f><v>0</v></c>`},
				{num(sDateTime, "46235.75"), `<c><f>A1+1</f><v></v></c>`, num(0, "80")},
				{num(sDateTime, "46235.75"), `<c><f>A1+1</f></c>`, num(0, "80")},
				{num(sDateTime, "46236"), `<c t="str"><f>""</f><v></v></c>`, num(0, "80")},
			},
			want: "SN-DK 2026-08-01 12:00 temperature_c=27.1 humidity_pct=0|SN-DK 2026-08-01 18:00 humidity_pct=80|" +
				"SN-DK 2026-08-01 18:00 humidity_pct=80|SN-DK 2026-08-02 00:00 humidity_pct=80",
			notes: `Température: the result of a formula is not stored: open the workbook with a spreadsheet program and save it (2, "B3")`,
		},
		"zeros of a program that can't calculate": {
			names: []string{"Date et heure", "Température", "Humidité"}, book: `<calcPr fullCalcOnLoad="1"/>`,
			rows:  [][]string{{num(sDateTime, "46235.5"), `<c><f>A1+1</f><v>0</v></c>`, num(0, "0")}},
			want:  "SN-DK 2026-08-01 12:00 humidity_pct=0",
			notes: "Température: the result of a formula is not stored",
		},
		"errors of formulas": {
			names: []string{"Date et heure", "Température", "Humidité"},
			rows:  [][]string{{num(sDateTime, "46235.5"), `<c t="e"><f>NA()</f><v>#N/A</v></c>`, num(0, "80")}},
			want:  "SN-DK 2026-08-01 12:00 humidity_pct=80",
			notes: `Température: a formula has no result but an error, which is a missing value (1, "#N/A")`,
		},
		"a word of logic": {
			names: []string{"Date et heure", "Température", "Humidité"},
			rows:  [][]string{{num(sDateTime, "46235.5"), `<c t="b"><v>1</v></c>`, num(0, "80")}},
			want:  `sheet "Données", row 2: invalid_value`,
		},
		"a column without a name": {
			names: []string{"", "Date et heure", "Température"},
			rows:  [][]string{{num(0, "1"), num(sDateTime, "46235.5"), temp, num(0, "9")}, {num(0, "2"), num(sDateTime, "46235.75"), temp, num(0, "9")}},
			want:  "SN-DK 2026-08-01 12:00 temperature_c=27.1|SN-DK 2026-08-01 18:00 temperature_c=27.1",
			notes: "column D: the column has no name: give it one above its values (2,",
		},
		"notes after the table": {
			names: []string{"Date et heure", "Température", "Humidité"},
			rows:  [][]string{{num(sDateTime, "46235.5"), temp}, {}, words("Source : relevés du poste")},
			want:  "SN-DK 2026-08-01 12:00 temperature_c=27.1",
			notes: `sheet "Données": a row of one text alone is a note and not a record (1, "Source`,
		},
		"names that come once a page": {
			names: []string{"Date et heure", "Température"},
			rows:  [][]string{{num(sDateTime, "46235.5"), temp}, words("Date et heure", "Humidité"), {num(sDateTime, "46235.5"), num(0, "80")}},
			want:  "SN-DK 2026-08-01 12:00 temperature_c=27.1|SN-DK 2026-08-01 12:00 humidity_pct=80",
		},
	} {
		t.Run(name, func(t *testing.T) {
			rows := append([][]string{words(c.names...)}, c.rows...)
			lines, notes, err := readings(workbookOf(t, c.book, sheetXML{name: "Données", xml: rowsOf(rows...)}), shape.Options{})
			if err != nil {
				t.Fatal(err)
			}
			checkLines(t, "reading", lines, c.want)
			checkLines(t, "note", notes, c.notes)
		})
	}
}

func TestTimesAreOfTheZoneThatTheUserNames(t *testing.T) {
	rows := [][]string{words("Date et heure", "Température"), {num(sDateTime, "46235.5"), num(0, "27.1")}}
	lines, _, err := readings(workbookOf(t, "", sheetXML{name: "A", xml: rowsOf(rows...)}), shape.Options{Zone: time.FixedZone("", 2*3600)})
	if err != nil {
		t.Fatal(err)
	}
	checkLines(t, "reading", lines, "SN-DK 2026-08-01 10:00 temperature_c=27.1")
}

// checkLines checks what lines begin with.
func checkLines(t *testing.T, what string, lines []string, want string) {
	t.Helper()
	var wants []string
	if want != "" {
		wants = strings.Split(want, "|")
	}
	same := len(lines) == len(wants)
	for i := 0; same && i < len(lines); i++ {
		same = strings.HasPrefix(lines[i], wants[i])
	}
	if !same {
		t.Errorf("%ss:\n%s\nwant\n%s", what, strings.Join(lines, "\n"), strings.Join(wants, "\n"))
	}
}
