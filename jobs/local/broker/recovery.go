package broker

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Names inside the data folder of kfake, and our own next to them.
const (
	metaFile         = "meta.json"
	topicsFile       = "topics.json"
	groupsLog        = "groups.log"
	producersLog     = "pids.log"
	partitionsFolder = "partitions"
	intentFile       = "commit.intent"
)

// Recovery describes what a start had to repair after the process was killed. It
// is zero after an orderly end.
type Recovery struct {
	CommitsFinished     int   // transactions whose commit had begun and was completed, by partition
	TransactionsAborted int   // transactions left open, by partition
	OffsetsCommitted    int   // group offsets of the finished commit
	BytesTruncated      int64 // torn ends of files
}

// recoverFolder brings the files of the broker's folder into the one form that
// kfake reads well: whole batches, full indexes, every transaction ended, whole
// entries, and no saved state but the logs. It can itself be killed and run
// again: what it did stays done, and the intent goes last.
func recoverFolder(dir string, now time.Time) (Recovery, error) {
	var done Recovery
	if _, err := os.Stat(filepath.Join(dir, metaFile)); errors.Is(err, os.ErrNotExist) {
		return done, nil // nothing was ever served from here
	} else if err != nil {
		return done, fmt.Errorf("reading broker folder: %w", err)
	}
	intent, err := readCommitIntent(filepath.Join(dir, intentFile))
	if err != nil {
		return done, err
	}
	if err := removeSavedState(dir); err != nil {
		return done, err
	}
	for _, name := range []string{groupsLog, producersLog} {
		cut, err := truncateStateLog(filepath.Join(dir, name))
		if err != nil {
			return done, err
		}
		done.BytesTruncated += cut
	}
	if intent != nil {
		current, err := isCurrent(filepath.Join(dir, producersLog), intent)
		if err != nil {
			return done, err
		}
		if !current { // the commit is long complete, or was never valid
			intent = nil
		}
	}
	if err := recoverPartitions(dir, intent, &done); err != nil {
		return done, err
	}
	if intent != nil {
		if err := commitOffsets(filepath.Join(dir, groupsLog), intent.Offsets, now); err != nil {
			return done, err
		}
		done.OffsetsCommitted = len(intent.Offsets)
	}
	if err := os.Remove(filepath.Join(dir, intentFile)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return done, fmt.Errorf("forgetting commit intent: %w", err)
	}
	return done, nil
}

// removeSavedState removes what kfake saved at its last orderly end: the logs
// say the same and go on after a kill. With it go open transactions, which are
// aborted in the logs, the members of consumer groups, whose processes are
// dead, and producers' sequence numbers, which a kill leaves outdated.
func removeSavedState(dir string) error {
	snapshots, err := filepath.Glob(filepath.Join(dir, partitionsFolder, "*", "snapshot.json"))
	if err != nil {
		return fmt.Errorf("listing snapshots: %w", err)
	}
	stale := append(snapshots, filepath.Join(dir, "session_state.json"), filepath.Join(dir, "seq_windows.json"))
	for _, path := range stale {
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("removing saved broker state: %w", err)
		}
	}
	return nil
}

// truncateStateLog cuts a torn entry off the end of a state log, and returns how
// many bytes it cut. kfake ignores such an end but appends after it, and so
// would lose all that follows at the next start.
func truncateStateLog(path string) (int64, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("reading broker state: %w", err)
	}
	_, valid := readFrames(raw)
	if valid == len(raw) {
		return 0, nil
	}
	if err := truncateSynced(path, int64(valid)); err != nil {
		return 0, fmt.Errorf("truncating broker state: %w", err)
	}
	return int64(len(raw) - valid), nil
}

// isCurrent reports whether the producer of an intent is, by the log of
// producers, still in the epoch in which it asked for the commit.
func isCurrent(path string, intent *commitIntent) (bool, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("reading producers: %w", err)
	}
	var transactionalID string
	epoch := int16(-1)
	frames, _ := readFrames(raw)
	for _, frame := range frames {
		var entry struct {
			Type            string `json:"type"`
			ProducerID      int64  `json:"pid"`
			Epoch           int16  `json:"epoch"`
			TransactionalID string `json:"txid"`
		}
		if err := json.Unmarshal(frame, &entry); err != nil {
			return false, fmt.Errorf("reading producers: %w", err)
		}
		if entry.ProducerID != intent.ProducerID {
			continue
		}
		epoch = entry.Epoch
		if entry.Type == "init" {
			transactionalID = entry.TransactionalID
		}
	}
	return transactionalID == intent.TransactionalID && epoch == intent.ProducerEpoch, nil
}

// recoverPartitions repairs every partition and ends its open transactions.
func recoverPartitions(dir string, intent *commitIntent, done *Recovery) error {
	partitions, err := filepath.Glob(filepath.Join(dir, partitionsFolder, "*"))
	if err != nil {
		return fmt.Errorf("listing partitions: %w", err)
	}
	if _, err := os.Stat(filepath.Join(dir, topicsFile)); err != nil && len(partitions) > 0 {
		return fmt.Errorf("reading topics: %w: %w", err, errLost) // kfake would write their partitions from offset 0
	}
	commits := func(t openTransaction) bool {
		return intent != nil && t == openTransaction{intent.ProducerID, intent.ProducerEpoch}
	}
	for _, path := range partitions {
		log, err := repairPartition(path)
		if err != nil {
			return err
		}
		committed, aborted, err := log.endTransactions(commits)
		if err != nil {
			return fmt.Errorf("ending transactions: %w", err)
		}
		done.CommitsFinished += committed
		done.TransactionsAborted += aborted
		done.BytesTruncated += log.truncated
	}
	return nil
}

// commitOffsets appends group offsets to groups.log, in kfake's own form.
func commitOffsets(path string, offsets []committedOffset, now time.Time) error {
	var data []byte
	for _, o := range offsets {
		entry, err := json.Marshal(map[string]any{
			"type": "commit", "g": o.Group, "t": o.Topic, "p": o.Partition,
			"o": o.Offset, "e": o.LeaderEpoch, "m": o.Metadata, "lc": now.UnixMilli(),
		})
		if err != nil {
			return fmt.Errorf("finishing commit: %w", err)
		}
		data = appendFrame(data, entry)
	}
	if len(data) == 0 {
		return nil
	}
	if err := appendSynced(path, data); err != nil {
		return fmt.Errorf("finishing commit: %w", err)
	}
	return nil
}
