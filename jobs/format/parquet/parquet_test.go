package parquet_test

import (
	"testing"

	"senmeteo/jobs/format/formattest"
	"senmeteo/jobs/format/parquet"
)

func TestConformance(t *testing.T) { formattest.Run(t, parquet.Format()) }
