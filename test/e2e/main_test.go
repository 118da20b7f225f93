package e2e_test

import (
	"os"
	"testing"

	"senmeteo/test/program"
)

func TestMain(m *testing.M) { os.Exit(program.Main(m)) }
