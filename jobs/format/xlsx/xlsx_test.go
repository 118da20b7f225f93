package xlsx

import (
	"testing"

	"senmeteo/jobs/format/formattest"
)

func TestConformance(t *testing.T) { formattest.Run(t, Format()) }
