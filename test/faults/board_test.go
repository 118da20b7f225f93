package faults_test

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"testing"
)

// board adds up what the scenarios came to.
var board scoreboard

type scoreboard struct {
	mu   sync.Mutex
	rows map[string]*score
}

// score is one line of the table: a scenario as docs/reliability.md names it.
type score struct{ runs, kills, records, lost, doubled int }

// add counts one balanced or unbalanced run of the scenario that the test is named after.
func (b *scoreboard) add(t testing.TB, kills int, v verdict) {
	t.Helper()
	name := scenarioOf(t)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.rows == nil {
		b.rows = map[string]*score{}
	}
	row := b.rows[name]
	if row == nil {
		row = &score{}
		b.rows[name] = row
	}
	row.runs++
	row.kills += kills
	row.records += v.records
	row.lost += v.lost
	row.doubled += v.doubled
}

var testName = regexp.MustCompile(`^Test([A-Z])(\d+)`)

func scenarioOf(t testing.TB) string {
	t.Helper()
	m := testName.FindStringSubmatch(t.Name())
	if m == nil {
		t.Fatalf("%s is not named after a scenario: TestS1...", t.Name())
	}
	return m[1] + m[2]
}

// String is the table, in the order of the letters.
func (b *scoreboard) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.rows) == 0 {
		return ""
	}
	var names []string
	for name := range b.rows {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		const letters = "SHEPLCURVF"
		if a[0] != b[0] {
			return cmp.Compare(slices.Index([]byte(letters), a[0]), slices.Index([]byte(letters), b[0]))
		}
		x, _ := strconv.Atoi(a[1:]) // digits
		y, _ := strconv.Atoi(b[1:])
		return cmp.Compare(x, y)
	})
	const line = "%-8s %6v %6v %9v %6v %8v\n"
	table := fmt.Sprintf(line, "scenario", "runs", "kills", "records", "lost", "doubled")
	var all score
	for _, name := range names {
		r := b.rows[name]
		table += fmt.Sprintf(line, name, r.runs, r.kills, r.records, r.lost, r.doubled)
		all = score{all.runs + r.runs, all.kills + r.kills, all.records + r.records, all.lost + r.lost, all.doubled + r.doubled}
	}
	return table + fmt.Sprintf(line, "all", all.runs, all.kills, all.records, all.lost, all.doubled)
}
