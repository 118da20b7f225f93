package csv_test

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"senmeteo/jobs/format"
	"senmeteo/jobs/meteo"
)

// transcript reads a file and writes down each record and refusal with its line, and at the end the lines that were passed over.
func transcript(t *testing.T, data string) []string {
	t.Helper()
	r, err := open(t, data)
	if err != nil {
		return []string{err.Error()}
	}
	var said []string
	for {
		row, err := r.Next()
		var bad *format.RecordError
		switch {
		case errors.Is(err, io.EOF):
			if noting, ok := r.(format.Noting); ok {
				for _, ignored := range noting.Ignored() {
					said = append(said, fmt.Sprint("passed over: ", ignored))
				}
			}
			return said
		case errors.As(err, &bad):
			var why *meteo.Refusal
			errors.As(bad.Refusal, &why)
			said = append(said, fmt.Sprintf("%s: %s [%s]", r.Position(), why.Detail, bad.Raw))
			continue
		case err != nil:
			return append(said, r.Position()+": "+err.Error())
		}
		cells := make([]string, len(row))
		for i, f := range row {
			if cells[i] = f.Name + "="; f.Value != nil {
				cells[i] += fmt.Sprint(f.Value)
			}
		}
		said = append(said, r.Position()+": "+strings.Join(cells, "|"))
	}
}

func TestEachLineOfATableIsReadPassedOverOrRefusedWithAReason(t *testing.T) {
	for _, c := range []struct {
		name, data string
		want       []string
	}{
		{"lines of empty cells and comments are passed over", "Date;Temp;Ville\n2026-03-01;20;Dakar\n;;\n# a comment\n2026-03-02;21;Thies\n", []string{
			"line 2: Date=2026-03-01|Temp=20|Ville=Dakar",
			"line 5: Date=2026-03-02|Temp=21|Ville=Thies",
		}},
		{"a sign of a comment before further cells is a value", "Ville;Date;Temp\n#1;2026-03-01;20\n", []string{
			"line 2: Ville=#1|Date=2026-03-01|Temp=20",
		}},
		{"a last cell may be left out", "Date;Temp;Ville\n2026-03-01;20;Dakar\n2026-03-02;21\n2026-03-03;22;Dakar\n", []string{
			"line 2: Date=2026-03-01|Temp=20|Ville=Dakar",
			"line 3: Date=2026-03-02|Temp=21|Ville=",
			"line 4: Date=2026-03-03|Temp=22|Ville=Dakar",
		}},
		{"two last cells may be left out", "Date;Temp;Ville;Note\n2026-03-01;20;Dakar;x\n2026-03-02;21\n", []string{
			"line 2: Date=2026-03-01|Temp=20|Ville=Dakar|Note=x",
			"line 3: Date=2026-03-02|Temp=21|Ville=|Note=",
		}},
		{"a last cell is not left out by a writer that writes empty ones", "Date;Temp;Ville\n2026-03-01;20;\n2026-03-02;21\n2026-03-03;22;Dakar\n", []string{
			"line 2: Date=2026-03-01|Temp=20|Ville=",
			"line 3: the line has 2 cells, the line of names 3: others have their empty last cells, so that it may be cut off [2026-03-02;21]",
			"line 4: Date=2026-03-03|Temp=22|Ville=Dakar",
		}},
		{"what a writer does shows in later lines as well", "Date;Temp;Ville\n" + strings.Repeat("2026-03-01;20;Dakar\n", 60) + "2026-03-02;21\n2026-03-03;22;\n2026-03-02;21\n", []string{
			"line 61: Date=2026-03-01|Temp=20|Ville=Dakar",
			"line 62: Date=2026-03-02|Temp=21|Ville=",
			"line 63: Date=2026-03-03|Temp=22|Ville=",
			"line 64: the line has 2 cells, the line of names 3: others have their empty last cells, so that it may be cut off [2026-03-02;21]",
		}},
		{"a number with fewer decimals than the others of its column is cut off", "Date;Ville;Temp;Hum\n2026-03-01;Dakar;20.5;50\n2026-03-02;Dakar;21.5;50\n2026-03-02;Dakar;21.\n2026-03-02;Dakar;21.5\n2026-03-02;Dakar;21.55\n2026-03-02;Dakar;", []string{
			"line 2: Date=2026-03-01|Ville=Dakar|Temp=20.5|Hum=50",
			"line 3: Date=2026-03-02|Ville=Dakar|Temp=21.5|Hum=50",
			"line 4: the line has 3 cells, the line of names 4: its last number is shorter than the others of its column, so that it may be cut off [2026-03-02;Dakar;21.]",
			"line 5: Date=2026-03-02|Ville=Dakar|Temp=21.5|Hum=",
			"line 6: Date=2026-03-02|Ville=Dakar|Temp=21.55|Hum=",
			"line 7: the line has 3 cells, the line of names 4: its last number is shorter than the others of its column, so that it may be cut off [2026-03-02;Dakar;]",
		}},
		{"decimal commas count as well", "Date;Ville;Temp;Hum\n2026-03-01;Dakar;20,25;50\n2026-03-02;Dakar;21,2\n2026-03-02;Dakar;21,25\n", []string{
			"line 2: Date=2026-03-01|Ville=Dakar|Temp=20,25|Hum=50",
			"line 3: the line has 3 cells, the line of names 4: its last number is shorter than the others of its column, so that it may be cut off [2026-03-02;Dakar;21,2]",
			"line 4: Date=2026-03-02|Ville=Dakar|Temp=21,25|Hum=",
		}},
		{"numbers with different decimals may end anywhere", "Date;Ville;Temp;Hum\n2026-03-01;Dakar;20.5;50\n2026-03-02;Dakar;21.25;50\n2026-03-02;Dakar;21.2;50\n2026-03-02;Dakar;21\n", []string{
			"line 2: Date=2026-03-01|Ville=Dakar|Temp=20.5|Hum=50",
			"line 3: Date=2026-03-02|Ville=Dakar|Temp=21.25|Hum=50",
			"line 4: Date=2026-03-02|Ville=Dakar|Temp=21.2|Hum=50",
			"line 5: Date=2026-03-02|Ville=Dakar|Temp=21|Hum=",
		}},
		{"empty cells say nothing about decimals", "Date;Ville;Temp;Hum\n2026-03-01;Dakar;20.5;50\n2026-03-02;Dakar;;50\n2026-03-02;Dakar;21\n", []string{
			"line 2: Date=2026-03-01|Ville=Dakar|Temp=20.5|Hum=50",
			"line 3: Date=2026-03-02|Ville=Dakar|Temp=|Hum=50",
			"line 4: the line has 3 cells, the line of names 4: its last number is shorter than the others of its column, so that it may be cut off [2026-03-02;Dakar;21]",
		}},
		{"numbers without decimals may end anywhere", "Date;Ville;Temp;Hum\n2026-03-01;Dakar;20;50\n2026-03-02;Dakar;2\n", []string{
			"line 2: Date=2026-03-01|Ville=Dakar|Temp=20|Hum=50",
			"line 3: Date=2026-03-02|Ville=Dakar|Temp=2|Hum=",
		}},
		{"a cell after the columns of numbers does not matter", "Date;Ville;Temp;Hum;Note\n2026-03-01;Dakar;20.5;50\n2026-03-01;Dakar;20.5;5\n", []string{
			"line 2: Date=2026-03-01|Ville=Dakar|Temp=20.5|Hum=50|Note=",
			"line 3: Date=2026-03-01|Ville=Dakar|Temp=20.5|Hum=5|Note=",
		}},
		{"a short line at the end of the file without a line end is cut off", "Date;Ville;Temp;Hum\n2026-03-01;Dakar;20.5;50\n2026-03-01;Dakar;20.5", []string{
			"line 2: Date=2026-03-01|Ville=Dakar|Temp=20.5|Hum=50",
			"line 3: the line has 3 cells, the line of names 4 and the file ends in it: it may be cut off [2026-03-01;Dakar;20.5]",
		}},
		{"a short line at the end of the file with a line end is whole", "Date;Ville;Temp;Hum\n2026-03-01;Dakar;20.5;50\n2026-03-01;Dakar;20.5\n", []string{
			"line 2: Date=2026-03-01|Ville=Dakar|Temp=20.5|Hum=50",
			"line 3: Date=2026-03-01|Ville=Dakar|Temp=20.5|Hum=",
		}},
		{"a line of one cell is refused", "Date;Ville;Temp;Hum\n2026-03-01;Dakar;20.5;50\n2026-03-01\nDate\nabc\n", []string{
			"line 2: Date=2026-03-01|Ville=Dakar|Temp=20.5|Hum=50",
			"line 3: the line has 1 cells, the line of names 4: it may be a note, or be cut off [2026-03-01]",
			"line 4: the line has 1 cells, the line of names 4: it may be a note, or be cut off [Date]",
			"line 5: the line has 1 cells, the line of names 4: it may be a note, or be cut off [abc]",
		}},
		{"a line of too many cells is refused", "Date;Ville;Temp;Hum\n2026-03-01;Dakar;20.5;50\n2026-03-01;Dakar;20.5;50;7\n2026-03-01;Dakar;20.5;50;;\n", []string{
			"line 2: Date=2026-03-01|Ville=Dakar|Temp=20.5|Hum=50",
			"line 3: the line has 5 cells, the line of names 4 [2026-03-01;Dakar;20.5;50;7]",
			"line 4: Date=2026-03-01|Ville=Dakar|Temp=20.5|Hum=50",
		}},
		{"notes are passed over", "Date;Temp;Ville\n2026-03-01;20;Dakar\n(see below)\nend of the file\nNote:x\n/x\n=x\n-x\n+4\n%\n*\n", []string{
			"line 2: Date=2026-03-01|Temp=20|Ville=Dakar",
			"passed over: {lines between the rows a line of one text alone is a note and not a record 9 \"(see below)\"}",
		}},
		{"what may be the beginning of a record is not a note", "Date;Temp;Ville\n2026-03-01;20;Dakar\n1 see\n9 see\n0 see\n* Temp\nDakar\n", []string{
			"line 2: Date=2026-03-01|Temp=20|Ville=Dakar",
			"line 3: the line has 1 cells, the line of names 3: it may be a note, or be cut off [1 see]",
			"line 4: the line has 1 cells, the line of names 3: it may be a note, or be cut off [9 see]",
			"line 5: the line has 1 cells, the line of names 3: it may be a note, or be cut off [0 see]",
			"line 6: the line has 1 cells, the line of names 3: it may be a note, or be cut off [* Temp]",
			"line 7: the line has 1 cells, the line of names 3: it may be a note, or be cut off [Dakar]",
		}},
		{"a table of two columns has no notes", "Date;Temp\n2026-03-01;20\nend of file\n", []string{
			"line 2: Date=2026-03-01|Temp=20",
			"line 3: the line has 1 cells, the line of names 2: it may be a note, or be cut off [end of file]",
		}},
		{"a quote that is not closed costs its own line", "Date;Ville;Temp\n2026-03-01;Dakar;20.5\n\"2026-03-02;Dakar;21.5\n2026-03-03;Dakar;22.5\n2026-03-04;Dakar;23.5\n", []string{
			"line 2: Date=2026-03-01|Ville=Dakar|Temp=20.5",
			"line 3: the line has 1 cells, the line of names 3: it may be a note, or be cut off [\"2026-03-02;Dakar;21.5\"]",
			"line 4: Date=2026-03-03|Ville=Dakar|Temp=22.5",
			"line 5: Date=2026-03-04|Ville=Dakar|Temp=23.5",
		}},
		{"a quote that is not closed costs the lines until the next one", "Date;Ville;Temp\n2026-03-01;\"Dakar;20.5\n2026-03-02;Dakar;21.5\n2026-03-03;\"Dakar\";22.5\n2026-03-04;Dakar;23.5\n", []string{
			"line 2: Date=2026-03-01|Ville=Dakar;20.5|Temp=",
			"line 3: Date=2026-03-02|Ville=Dakar|Temp=21.5",
			"line 4: Date=2026-03-03|Ville=Dakar|Temp=22.5",
			"line 5: Date=2026-03-04|Ville=Dakar|Temp=23.5",
		}},
		{"a quote that is not closed in a table of two columns", "Date;Temp\n\"2026-03-02;20\n2026-03-03;21\n", []string{
			"line 2: the line has 1 cells, the line of names 2: it may be a note, or be cut off [\"2026-03-02;20\"]",
			"line 3: Date=2026-03-03|Temp=21",
		}},
		{"lines that a quote had joined may end the file", "Date;Ville;Temp;Hum\n2026-03-01;Dakar;20.5;50\n\"2026-03-02;Dakar;21.5;50\n2026-03-03;Dakar;22.5\n2026-03-04;Dakar;23.5;51", []string{
			"line 2: Date=2026-03-01|Ville=Dakar|Temp=20.5|Hum=50",
			"line 3: the line has 1 cells, the line of names 4: it may be a note, or be cut off [\"2026-03-02;Dakar;21.5;50\"]",
			"line 4: Date=2026-03-03|Ville=Dakar|Temp=22.5|Hum=",
			"line 5: Date=2026-03-04|Ville=Dakar|Temp=23.5|Hum=51",
		}},
		{"blank lines among those that a quote had joined are passed over", "Date;Ville;Temp\n\"2026-03-02;Dakar;21.5\n;;\n2026-03-04;Dakar;23.5\n", []string{
			"line 2: the line has 1 cells, the line of names 3: it may be a note, or be cut off [\"2026-03-02;Dakar;21.5\"]",
			"line 3: Date=2026-03-04|Ville=Dakar|Temp=23.5",
		}},
		{"a cell may hold line breaks", "Date;Ville;Temp\n2026-03-01;\"Dakar\nYoff\";20.5\n2026-03-02;\"Dakar\n; or Yoff\";20.5\n2026-03-02;Dakar;21.5\n", []string{
			"line 2: Date=2026-03-01|Ville=Dakar\nYoff|Temp=20.5",
			"line 4: Date=2026-03-02|Ville=Dakar\n; or Yoff|Temp=20.5",
			"line 6: Date=2026-03-02|Ville=Dakar|Temp=21.5",
		}},
		{"carriage returns within quotes stay", "Date;Temp;Ville\r\n2026-03-01;20;\"Dakar\rYoff\"\r\n", []string{
			"line 2: Date=2026-03-01|Temp=20|Ville=Dakar\rYoff",
		}},
		{"carriage returns alone end lines", "Date;Temp;Ville\r2026-03-01;20;Dakar\r2026-03-02;21;Thies\r", []string{
			"line 2: Date=2026-03-01|Temp=20|Ville=Dakar",
			"line 3: Date=2026-03-02|Temp=21|Ville=Thies",
		}},
		{"marks around texts are not a part of them", "Date;Ville;Temp\n'2026-03-01';'Dakar';20.5\n'2026-03-02;=\"Dakar\";“21.5”\n", []string{
			"line 2: Date=2026-03-01|Ville=Dakar|Temp=20.5",
			"line 3: Date=2026-03-02|Ville=Dakar|Temp=21.5",
		}},
		{"an apostrophe before a number is the sign of a text", "Ville;Date;Temp\nDakar;2026-03-01;'-5\nDakar;2026-03-01;'+5\nDakar;2026-03-01;'9\nDakar;2026-03-01;'0\nDakar;2026-03-01;'/\nDakar;2026-03-01;':\nDakar;2026-03-01;'\nDakar;2026-03-01;'x\nDakar;2026-03-01;=5\n", []string{
			"line 2: Ville=Dakar|Date=2026-03-01|Temp=-5",
			"line 3: Ville=Dakar|Date=2026-03-01|Temp=+5",
			"line 4: Ville=Dakar|Date=2026-03-01|Temp=9",
			"line 5: Ville=Dakar|Date=2026-03-01|Temp=0",
			"line 6: Ville=Dakar|Date=2026-03-01|Temp='/",
			"line 7: Ville=Dakar|Date=2026-03-01|Temp=':",
			"line 8: Ville=Dakar|Date=2026-03-01|Temp='",
			"line 9: Ville=Dakar|Date=2026-03-01|Temp='x",
			"line 10: Ville=Dakar|Date=2026-03-01|Temp==5",
		}},
		{"blanks around cells are not a part of them", "Date ; Temp ; Ville\n 2026-03-01 ; 20 ; \"Dakar\" \n2026-03-02;21; ' Dakar ' \n", []string{
			"line 2: Date=2026-03-01|Temp=20|Ville=Dakar",
			"line 3: Date=2026-03-02|Temp=21|Ville=Dakar",
		}},
		{"names that were decoded wrongly before are corrected", "Date;Temp;Ville\n2026-03-01;20;ThiÃ¨s\n", []string{
			"line 2: Date=2026-03-01|Temp=20|Ville=Thiès",
		}},
		{"lines that are quoted as a whole hold cells", "\"Date,Temp,Ville\"\n\"2026-03-01,20,\"\"Dakar, Yoff\"\"\"\n\"2026-03-02,21,Dakar\"\n2026-03-02,22,Dakar\n\"\"\n\"2026-03-02,23,\"Dakar\"\"\n\"2026-03-04,24,Dakar\n", []string{
			"line 2: Date=2026-03-01|Temp=20|Ville=Dakar, Yoff",
			"line 3: Date=2026-03-02|Temp=21|Ville=Dakar",
			"line 4: Date=2026-03-02|Temp=22|Ville=Dakar",
			"line 6: the line has 1 cells, the line of names 3: it may be a note, or be cut off [\"2026-03-02,23,\"\"Dakar\"]",
			"line 7: Date=2026-03-04|Temp=24|Ville=Dakar",
		}},
		{"runs of two blanks set cells apart", "Date        Temperature (°C)  Humidity (%)\n2026-03-01  20                30\n2026-03-02   21    40\n", []string{
			"line 2: Date=2026-03-01|Temperature (°C)=20|Humidity (%)=30",
			"line 3: Date=2026-03-02|Temperature (°C)=21|Humidity (%)=40",
		}},
		{"blanks set cells apart", "Date Temp Hum\n2026-03-01 20 30\n2026-03-02  21 40\n  2026-03-03\t22 50  \n", []string{
			"line 2: Date=2026-03-01|Temp=20|Hum=30",
			"line 3: Date=2026-03-02|Temp=21|Hum=40",
			"line 4: Date=2026-03-03|Temp=22|Hum=50",
		}},
		{"a line that lacks a cell among blanks at the start is not of a table", "Date Temp Hum\n2026-03-01 20 30\n2026-03-02 21\n", []string{
			"none of the first 40 lines holds names of columns that senmeteo knows, such as temperature, station_id or Date: add a line of names",
		}},
		{"a web page is named", "\n <!DOCTYPE html>\n<html><body>Sign in</body></html>\n", []string{
			"it begins as XML or a web page: say --format xml, or look at it for the reason of the service that gave it",
		}},
		{"a record of JSON is named", "{\n  \"Date\": \"2026-03-01\"\n}\n", []string{"it begins as JSON: say --format json"}},
		{"an array of JSON is named", "[{\"Date\": \"2026-03-01\"}]\n", []string{"it begins as JSON: say --format json"}},
		{"names alone among blanks are not a table", "Date Temp Hum\n", []string{
			"none of the first 40 lines holds names of columns that senmeteo knows, such as temperature, station_id or Date: add a line of names",
		}},
		{"a line that lacks a cell among blanks later is refused", "Date Temp Hum\n" + strings.Repeat("2026-03-01 20 30\n", 100) + "2026-03-02 21\n2026-03-02 21 20 30\n2026-03-02 20 30", []string{
			"line 101: Date=2026-03-01|Temp=20|Hum=30",
			"line 102: the line has 2 cells, the line of names 3: which of them it lacks does not show, because blanks are between the cells [2026-03-02\t21]",
			"line 103: the line has 4 cells, the line of names 3 [2026-03-02\t21\t20\t30]",
			"line 104: Date=2026-03-02|Temp=20|Hum=30",
		}},
		{"names are repeated where files were put together", "Date;Temp;Ville\n2026-03-01;20;Dakar\nDate;Temp;Ville\n2026-03-02;21;Thies\n", []string{
			"line 2: Date=2026-03-01|Temp=20|Ville=Dakar",
			"line 4: Date=2026-03-02|Temp=21|Ville=Thies",
		}},
		{"names of which the first is empty are repeated", ";Date;Temp\n1;2026-03-01;20\n;Date;Temp\n2;2026-03-02;21\n", []string{
			"line 2: =1|Date=2026-03-01|Temp=20",
			"line 4: =2|Date=2026-03-02|Temp=21",
		}},
		{"other names begin another table", "Date;Temp;Ville\n2026-03-01;20;\nDate;Ville;Temp\n2026-03-03;Dakar;22\n2026-03-03;Dakar\nDate;Temp\n2026-03-03;23\n", []string{
			"line 2: Date=2026-03-01|Temp=20|Ville=",
			"line 4: Date=2026-03-03|Ville=Dakar|Temp=22",
			"line 5: Date=2026-03-03|Ville=Dakar|Temp=",
			"line 7: Date=2026-03-03|Temp=23",
		}},
		{"a value that is a name begins no table", "Ville;Date;Temp\nDakar;2026-03-01;20\nDate;2026-03-02;21\n;2026-03-03;22\n", []string{
			"line 2: Ville=Dakar|Date=2026-03-01|Temp=20",
			"line 3: Ville=Date|Date=2026-03-02|Temp=21",
			"line 4: Ville=|Date=2026-03-03|Temp=22",
		}},
		{"numbers of rows may have no name", "Date;Temp;Ville\n1;2026-03-01;20;Dakar\n2;2026-03-02;21;Thies\n", []string{
			"line 2: =1|Date=2026-03-01|Temp=20|Ville=Dakar",
			"line 3: =2|Date=2026-03-02|Temp=21|Ville=Thies",
		}},
		{"numbers that count no rows are not such", "Date;Temp;Ville\n5;2026-03-01;20;Dakar\n2;2026-03-02;21;Thies\n", []string{
			"line 2: the line has 4 cells, the line of names 3 [5;2026-03-01;20;Dakar]",
			"line 3: the line has 4 cells, the line of names 3 [2;2026-03-02;21;Thies]",
		}},
		{"numbers of rows are before all rows", "Date;Temp;Ville\n1;2026-03-01;20;Dakar\n2026-03-02;21;Thies\n", []string{
			"line 2: the line has 4 cells, the line of names 3 [1;2026-03-01;20;Dakar]",
			"line 3: Date=2026-03-02|Temp=21|Ville=Thies",
		}},
		{"times of rows may have no name", "Temp;Hum;Ville\n2026-03-01 12:00;20;30;Dakar\n2026-03-02 12:00;21;30;Thies\n", []string{
			"line 2: =2026-03-01 12:00|Temp=20|Hum=30|Ville=Dakar",
			"line 3: =2026-03-02 12:00|Temp=21|Hum=30|Ville=Thies",
		}},
		{"lines above the names say what all records share", "Ville;Dakar\nDate;Temp\n2026-03-01;20\n2026-03-02;21\n", []string{
			"line 3: Date=2026-03-01|Temp=20|region=Dakar",
			"line 4: Date=2026-03-02|Temp=21|region=Dakar",
		}},
		{"zero bytes and ends of texts of DOS are passed over", "Date;Temp\n2026-03-01;20\n\x00\x00\n\x00;\x00\n\x1a", []string{
			"line 2: Date=2026-03-01|Temp=20",
		}},
		{"other control characters beside zero bytes are not of a text", "Date;Temp\n2026-03-01;20\x01\x00\n", []string{
			"it holds zero bytes: this is not a text file",
		}},
		{"a form feed is of a text", "Date;Temp\n2026-03-01;20\x00\x0c\n", []string{
			"line 2: Date=2026-03-01|Temp=20\x00",
		}},
		{"a bell without zero bytes is in a cell", "Date;Temp\n2026-03-01;20\x07\n", []string{
			"line 2: Date=2026-03-01|Temp=20\a",
		}},
		{"lines of blanks are not a table", " \n \n", []string{
			"none of the first 40 lines holds names of columns that senmeteo knows, such as temperature, station_id or Date: add a line of names",
		}},
		{"a table between bars", "Date|Temp|Ville\n2026-03-01|20|Dakar, Yoff\n", []string{
			"line 2: Date=2026-03-01|Temp=20|Ville=Dakar, Yoff",
		}},
		{"a table between tabs may have empty cells", "Date\tTemp\tVille\n2026-03-01\t\tDakar\n", []string{
			"line 2: Date=2026-03-01|Temp=|Ville=Dakar",
		}},
		{"the separator with which the most names are known is the right one", "Date,Temp;Hum;Ville\n2026-03-01,20;30;Dakar\nDate;Temp;Hum;Ville\n2026-03-01;20;30;Dakar\n", []string{
			"line 4: Date=2026-03-01|Temp=20|Hum=30|Ville=Dakar",
		}},
		{"hourly files of ISD-Lite need no names", "2026 03 01 00   250   180 10130   270    50     4     0     0\n2026 03 01 01 -9999   180 10130 -9999 -9999     9    -1 -9999\n2026 02 30 01 250 180 10130 270 50 4 0 0\n\nx\n2026 03 01 02   250   180 10130   361    50     8 -9999    12\r\n2026 03 01 03   250   180 10130   360    50     0 -9999 -9999", []string{
			"line 1: observed_at=2026-03-01 00:00:00 +0000 UTC|temperature_c=25|dew_point_c=18|pressure_hpa=1013|wind_direction_deg=270|wind_speed_ms=5|cloud_cover_pct=50|rain_mm=0|interval_s=3600",
			"line 2: observed_at=2026-03-01 01:00:00 +0000 UTC|temperature_c=|dew_point_c=18|pressure_hpa=1013|wind_direction_deg=|wind_speed_ms=|cloud_cover_pct=|rain_mm=0|interval_s=3600",
			"line 3: it is not a line of ISD-Lite: year, month, day, hour and eight whole numbers [2026 02 30 01 250 180 10130 270 50 4 0 0]",
			"line 5: it is not a line of ISD-Lite: year, month, day, hour and eight whole numbers [x]",
			"line 6: observed_at=2026-03-01 02:00:00 +0000 UTC|temperature_c=25|dew_point_c=18|pressure_hpa=1013|wind_direction_deg=|wind_speed_ms=5|cloud_cover_pct=100|rain_mm=1.2|interval_s=21600",
			"line 7: observed_at=2026-03-01 03:00:00 +0000 UTC|temperature_c=25|dew_point_c=18|pressure_hpa=1013|wind_direction_deg=360|wind_speed_ms=5|cloud_cover_pct=0|rain_mm=|interval_s=",
		}},
		{"an hour of 24 and months above 12 are not of ISD-Lite", "2026 03 01 23   250   180 10130   270    50    -1     0     0\n2026 03 01 24   250   180 10130   270    50     4     0     0\n2026 13 01 23   250   180 10130   270    50     4     0     0\n", []string{
			"line 1: observed_at=2026-03-01 23:00:00 +0000 UTC|temperature_c=25|dew_point_c=18|pressure_hpa=1013|wind_direction_deg=270|wind_speed_ms=5|cloud_cover_pct=|rain_mm=0|interval_s=3600",
			"line 2: it is not a line of ISD-Lite: year, month, day, hour and eight whole numbers [2026 03 01 24   250   180 10130   270    50     4     0     0]",
			"line 3: it is not a line of ISD-Lite: year, month, day, hour and eight whole numbers [2026 13 01 23   250   180 10130   270    50     4     0     0]",
		}},
		{"one line of ISD-Lite is a file", "2026 03 01 23   250   180 10130   270    50     4     0     0\r\n", []string{
			"line 1: observed_at=2026-03-01 23:00:00 +0000 UTC|temperature_c=25|dew_point_c=18|pressure_hpa=1013|wind_direction_deg=270|wind_speed_ms=5|cloud_cover_pct=50|rain_mm=0|interval_s=3600",
		}},
		{"two lines decide that it is ISD-Lite", "2026 03 01 23   250   180 10130   270    50     4     0     0\nDate;Temp\n2026-03-01;20\n", []string{
			"line 3: Date=2026-03-01|Temp=20",
		}},
		{"a title above the names is passed over", "Relevé de Dakar\nDate;Temp\n2026-03-01;20\n2026-03-02;21\n", []string{
			"line 3: Date=2026-03-01|Temp=20",
			"line 4: Date=2026-03-02|Temp=21",
		}},
		{"a comment in a table of two columns is passed over", "Date;Temp\n2026-03-01;20\n# c\n2026-03-02;21\n", []string{
			"line 2: Date=2026-03-01|Temp=20",
			"line 4: Date=2026-03-02|Temp=21",
		}},
		{"names without a measurement are names", "Date;Ville\n2026-03-01;Dakar\n", []string{
			"line 2: Date=2026-03-01|Ville=Dakar",
		}},
		{"an index under a name of nothing is not followed by another one", ";Date;Temp\n1;2026-03-01;20;5\n", []string{
			"line 2: the line has 4 cells, the line of names 3 [1;2026-03-01;20;5]",
		}},
		{"an index may have an empty last cell", "Date;Temp;Ville\n1;2026-03-01;20;\n2;2026-03-02;21;Thies\n", []string{
			"line 2: =1|Date=2026-03-01|Temp=20|Ville=",
			"line 3: =2|Date=2026-03-02|Temp=21|Ville=Thies",
		}},
		{"a carriage return at the very start ends a line", "\rDate;Temp;Ville\r2026-03-01;20;Dakar\r", []string{
			"line 3: Date=2026-03-01|Temp=20|Ville=Dakar",
		}},
		{"a line feed at the very start is one of them", "\nDate;Temp;Ville\r\n2026-03-01;20;Dakar\r\n", []string{
			"line 3: Date=2026-03-01|Temp=20|Ville=Dakar",
		}},
		{"tabs and carriage returns beside zero bytes are of a text", "Date\tTemp\r\n2026-03-01\t20 \x00\r\n", []string{
			"line 2: Date=2026-03-01|Temp=20 \x00",
		}},
		{"a short line before the first full one is judged by it", "Date;Temp;Ville\n2026-03-01;20\n2026-03-02;21;\n", []string{
			"line 2: the line has 2 cells, the line of names 3: others have their empty last cells, so that it may be cut off [2026-03-01;20]",
			"line 3: Date=2026-03-02|Temp=21|Ville=",
		}},
		{"empty cells after the last column do not count", "Date;Temp;Ville\n2026-03-01;20;Dakar;\n2026-03-01;20;;;\n", []string{
			"line 2: Date=2026-03-01|Temp=20|Ville=Dakar",
			"line 3: Date=2026-03-01|Temp=20|Ville=",
		}},
		{"a number without a figure before its point has decimals", "Date;Temp;Hum\n2026-03-01;.5;50\n2026-03-01;5\n2026-03-01;.5\n", []string{
			"line 2: Date=2026-03-01|Temp=.5|Hum=50",
			"line 3: the line has 2 cells, the line of names 3: its last number is shorter than the others of its column, so that it may be cut off [2026-03-01;5]",
			"line 4: Date=2026-03-01|Temp=.5|Hum=",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := transcript(t, c.data)
			if len(got) > 20 {
				got = got[len(got)-4:]
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}
