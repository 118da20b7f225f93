package score

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"text/tabwriter"
)

func formatShare(x float64) string {
	return strconv.FormatFloat(math.Floor(x*1000+1e-9)/1000, 'f', 3, 64)
}

// Print writes it for people, or as one line of JSON.
func (s *Score) Print(out io.Writer, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(out).Encode(s)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d records of %d stations, %.1f station-months: %d observations, %d duplicates, %d refused\n",
		s.Records, s.Stations, s.StationMonths, s.Observations, s.Duplicates, s.Refused)
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	if len(s.Defects) > 0 {
		_, _ = fmt.Fprintf(w, "\ndefect\tvariable\tcases\tfound\trecall\talarms\tright\tprecision\treadings flagged\tof large errors\n") // a Builder takes everything
	}
	for _, r := range s.Defects {
		flagged, large := "", ""
		if r.Readings > 0 {
			flagged = fmt.Sprintf("%s of %d", shareOf(r.ReadingsFlagged, r.Readings), r.Readings)
		}
		if r.Large > 0 {
			large = fmt.Sprintf("%s of %d", shareOf(r.LargeFlagged, r.Large), r.Large)
		}
		_, _ = fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%s\t%d\t%d\t%s\t%s\t%s\n",
			r.Defect, cmp.Or(r.Variable, "all"), r.Cases, r.Found, r.Recall, r.Alarms, r.Right, r.Precision, flagged, large)
	}
	_, _ = fmt.Fprintf(w, "\nfalse alarms\tvalues\tstation-months\tper station-month\n")
	for _, m := range s.FalseAlarms.ByMonth {
		_, _ = fmt.Fprintf(w, "%s\t%d\t%.1f\t%.3f\n", m.Month, m.Values, m.StationMonths, m.PerStationMonth)
	}
	_, _ = fmt.Fprintf(w, "all\t%d\t%.1f\t%.3f\n", s.FalseAlarms.Values, s.StationMonths, s.FalseAlarms.PerStationMonth)
	if len(s.FalseAlarms.ByRule) > 0 {
		_, _ = fmt.Fprintf(w, "\nby rule\tvariable\tvalues\n")
	}
	for _, r := range s.FalseAlarms.ByRule {
		_, _ = fmt.Fprintf(w, "%s\t%s\t%d\n", r.Rule, r.Variable, r.Values)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := io.WriteString(out, b.String())
	return err
}
