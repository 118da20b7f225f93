package rdkafka

import (
	"cmp"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The Go client's header takes the place of the package's own: what is compiled into the package must be the same, and its code must
// compile by it without a warning.
func TestTheHeaderIsTheGoClients(t *testing.T) {
	t.Parallel()
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/confluentinc/confluent-kafka-go/v2").Output()
	if err != nil {
		t.Fatal(err)
	}
	theirs := filepath.Join(strings.TrimSpace(string(dir)), "kafka", "librdkafka_vendor", "rdkafka.h")
	inPlace := []string{"-include", theirs, "-D", "SENMETEO_LIBRDKAFKA_H"}

	if own, client := layout(t), layout(t, inPlace...); own != client || own == "" {
		t.Errorf("by the package's header:\n%s\nby the Go client's:\n%s", own, client)
	}
	for _, file := range []string{"poll.c", "produce.c"} {
		compile(t, append(inPlace, "-Wall", "-Werror", "-fsyntax-only", file)...)
	}
}

// layout compiles testdata/layout.c and returns what it prints.
func layout(t *testing.T, flags ...string) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "layout")
	compile(t, append(flags, "-o", program, filepath.Join("testdata", "layout.c"))...)
	out, err := exec.Command(program).Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func compile(t *testing.T, args ...string) {
	t.Helper()
	if out, err := exec.Command(cmp.Or(os.Getenv("CC"), "cc"), args...).CombinedOutput(); err != nil {
		t.Errorf("%v: %v\n%s", args, err, out)
	}
}
