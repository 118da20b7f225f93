package servers

import (
	"fmt"
	"os"
	"os/exec"
)

// writeFiles writes small configuration files, by path.
func writeFiles(files map[string]string) error {
	for path, text := range files {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			return fmt.Errorf("writing a configuration file: %w", err)
		}
	}
	return nil
}

// runOnce runs a command to its end; the error holds what it printed.
func runOnce(doing string, cmd *exec.Cmd) error {
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", doing, err, out)
	}
	return nil
}
