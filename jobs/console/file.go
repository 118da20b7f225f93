package console

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"gopkg.in/natefinch/lumberjack.v2"
)

// How much of the log is kept in files: of each process 4 of 10 MB, and those of processes that ended within a week.
const (
	fileMegabytes = 10
	fileBackups   = 3
	fileKept      = 7 * 24 * time.Hour
)

// OpenFile opens a log file that is rotated. Where the path is a folder, each process of a job has a file of its own in it, and
// files of the job that nobody has written to for a week are removed. Two processes can't write to the same file.
func OpenFile(path, job string) (io.Writer, error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		host, err := os.Hostname()
		if err != nil {
			return nil, fmt.Errorf("naming the log file: %w", err)
		}
		removeOld(path, job)
		path = filepath.Join(path, fmt.Sprintf("%s-%s-%d.log", job, host, os.Getpid()))
	}
	// It opens the file with the first line, and then nobody looks at the error.
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	return &lumberjack.Logger{Filename: path, MaxSize: fileMegabytes, MaxBackups: fileBackups}, nil
}

// removeOld removes what processes that are gone have left. What can't be removed stays.
func removeOld(folder, job string) {
	files, _ := filepath.Glob(filepath.Join(folder, job+"-*.log")) // the pattern is valid
	for _, path := range files {
		if info, err := os.Stat(path); err == nil && time.Since(info.ModTime()) > fileKept {
			_ = os.Remove(path)
		}
	}
}
