package csv

import (
	"fmt"
	"strings"
	"testing"
)

func TestCellsAreReadAsTheyAreWhateverCameBefore(t *testing.T) {
	kept := newValues(2)
	for round := range 3 {
		for i := range 1000 { // more than are kept, so that they take each other's places
			cell := fmt.Sprint(i * (round%2 + 1))
			for column := range 3 {
				if got := kept.of(column, cell); got != any(cell) {
					t.Fatalf("column %d: %q became %q", column, cell, got)
				}
			}
		}
	}
}

func TestCellsThatRecurTakeNoMemory(t *testing.T) {
	kept, cells := newValues(1), []string{"", "25.3", "2026-03-01T12:00:00Z"}
	for _, cell := range cells {
		kept.of(0, cell)
	}
	if n := testing.AllocsPerRun(100, func() {
		for _, cell := range cells {
			kept.of(0, cell)
		}
	}); n != 0 {
		t.Errorf("%g allocations", n)
	}
	if long := strings.Repeat("x", maxKept+1); kept.of(0, long) != any(long) {
		t.Error("a long cell was changed")
	}
}
