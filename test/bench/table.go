package bench

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// Print writes the results as tables of Markdown, so that they can be put into a document as they are.
func (r *Results) Print(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s; ", r.Machine)
	if r.Readings > 0 {
		fmt.Fprintf(&b, "%d readings (%d days), %d partitions, ", r.Readings, r.Days, r.Partitions)
	}
	fmt.Fprintf(&b, "%d rounds; medians, (smallest–largest)\n\n", r.Rounds)
	if len(r.Rows) > 0 {
		fmt.Fprint(&b, table(r.lines()))
	}
	if len(r.Growth) > 0 {
		fmt.Fprint(&b, table(r.growthLines()))
	}
	if len(r.Latencies) > 0 {
		fmt.Fprintf(&b, "\n%s", table(r.latencyLines()))
	}
	if len(r.BytesPerRecord) > 0 {
		fmt.Fprintf(&b, "\n%s", table(r.sizeLines()))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// lines are the cells of the table of jobs.
func (r *Results) lines() [][]string {
	lines := [][]string{{
		"job", "who", "seconds", "records/s", "own CPU s per million", "servers' CPU s per million", "peak RSS MB",
		"ratio of seconds", "ratio of CPU, servers included",
	}}
	for _, row := range r.Rows {
		took := row.of(seconds)
		line := []string{row.Job, row.Who, spread(took, "%.2f"), "", "", "", fmt.Sprintf("%.0f", row.of(peakRSS).Max/(1<<20)), "", ""}
		if row.Records > 0 {
			million := float64(row.Records) / 1e6
			line[3] = fmt.Sprintf("%.0f", float64(row.Records)/took.Median)
			line[4] = fmt.Sprintf("%.1f", row.of(ownCPU).Median/million)
			line[5] = fmt.Sprintf("%.1f", row.of(func(u Usage) float64 { return u.totalCPU() - u.CPUSeconds }).Median/million)
		}
		if ours, ok := r.row(row.Job, senmeteo); ok && row.Who != senmeteo {
			line[7], line[8] = compared(ours, row, seconds), compared(ours, row, allCPU)
		}
		lines = append(lines, line)
	}
	return lines
}

// compared says how many times as long senmeteo takes as its limit, and how many times as long as senmeteo others take.
func compared(ours, other Row, what func(Usage) float64) string {
	if other.Who == limit {
		return "senmeteo/limit " + spread(ours.ratio(other, what), "%.2f")
	}
	return other.Who + "/senmeteo " + spread(other.ratio(ours, what), "%.2f")
}

func (r *Results) latencyLines() [][]string {
	lines := [][]string{{"a reading is visible in", "readings/s", "p50 ms", "p99 ms", "longest ms"}}
	for _, l := range r.Latencies {
		of := func(what func(LatencyRound) float64) string {
			var values []float64
			for _, round := range l.Rounds {
				values = append(values, what(round))
			}
			return spread(spreadOf(values), "%.0f")
		}
		lines = append(lines, []string{
			l.Where, fmt.Sprint(l.Rate), of(func(q LatencyRound) float64 { return q.P50 }),
			of(func(q LatencyRound) float64 { return q.P99 }), of(func(q LatencyRound) float64 { return q.Max }),
		})
	}
	return lines
}

func (r *Results) sizeLines() [][]string {
	lines := [][]string{{"store", "records", "bytes each", "files"}}
	for _, s := range r.BytesPerRecord {
		files := ""
		if s.Files > 0 {
			files = fmt.Sprint(s.Files)
		}
		lines = append(lines, []string{s.Store, fmt.Sprint(s.Records), fmt.Sprintf("%.1f", s.Bytes), files})
	}
	return lines
}

func spread(s Spread, format string) string {
	if s.Min == s.Max {
		return fmt.Sprintf(format, s.Median)
	}
	return fmt.Sprintf(format+" ("+format+"–"+format+")", s.Median, s.Min, s.Max)
}

// table aligns cells; the first line is the head.
func table(lines [][]string) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 0, ' ', 0)
	write := func(cells []string) { _, _ = fmt.Fprintf(w, "| %s\t |\n", strings.Join(cells, "\t | ")) } // a strings.Builder takes all
	for i, line := range lines {
		write(line)
		if i == 0 {
			rule := make([]string, len(line))
			for c := range rule {
				rule[c] = "---"
			}
			write(rule)
		}
	}
	_ = w.Flush() // nor does this fail
	return b.String()
}
