package flow

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestPartsThatFailedAreNamedByTheirReason(t *testing.T) {
	gone, broken := errors.New("it is gone"), errors.New("it is broken")
	e := &PartialError{Parts: "pages", All: 4}
	e.Add("a", gone)
	e.Add("b", broken)
	e.Add("c", gone)
	if got, want := e.Error(), "3 of 4 pages failed: a, c: it is gone; b: it is broken"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := e.Missing(); !slices.Equal(got, []string{"a", "b", "c"}) {
		t.Errorf("missing %q", got)
	}
	if err := error(e); !errors.Is(err, gone) || !errors.Is(err, broken) {
		t.Error("the reasons are not in the error")
	}
}

func TestTheErrorOfManyPartsIsShort(t *testing.T) {
	e := &PartialError{Parts: "files", All: 1000}
	for i := range 1000 {
		e.Add(fmt.Sprint(i), fmt.Errorf("reason %d", i%10/9*i))
	}
	if n := len(e.Error()); n > 500 || len(e.Missing()) != 1000 {
		t.Errorf("it has %d bytes: %s", n, e.Error())
	}
}

func TestAnErrorOfManyPartsNamesTwentyAndCountsTheOthers(t *testing.T) {
	for _, test := range []struct {
		failed int
		want   string
	}{
		{20, "20 of 30 stations failed: " + strings.Repeat("x, ", 19) + "x: no answer"},
		{23, "23 of 30 stations failed: " + strings.Repeat("x, ", 19) + "x and 3 more: no answer"},
	} {
		e := &PartialError{Parts: "stations", All: 30}
		for range test.failed {
			e.Add("x", errors.New("no answer"))
		}
		if got := e.Error(); got != test.want {
			t.Errorf("the error is %q, want %q", got, test.want)
		}
	}
}
