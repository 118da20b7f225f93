package tuples_test

import (
	"testing"

	"senmeteo/jobs/format/formattest"
	"senmeteo/jobs/format/tuples"
)

func TestConformance(t *testing.T) { formattest.Run(t, tuples.Format()) }
