package kafka

import (
	"os"
	"syscall"
	"testing"
)

// replaceStderr points file descriptor 2 to f until undo is called.
func replaceStderr(t *testing.T, f *os.File) (undo func()) {
	t.Helper()
	saved, err := syscall.Dup(2)
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Dup3(int(f.Fd()), 2, 0); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := syscall.Dup3(saved, 2, 0); err != nil {
			t.Fatal(err)
		}
		_ = syscall.Close(saved)
	}
}
