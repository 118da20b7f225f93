package broker

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"senmeteo/jobs/atomicfile"
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

// Recovery says what a start had to mend after the process was killed. It is
// zero after an orderly end.
//
// kfake, left alone, would come back from a kill with open transactions that
// have no abort marker (a reader then skips what the same producer commits
// later), with transactional records as plain ones when their index entry is
// missing, with half of a commit, and deaf to everything written after a torn
// entry of its state files. It would also fast-start from the state of the last
// orderly end. Recovery therefore brings the files into the one form that kfake
// reads well: whole batches, full indexes, every transaction ended, whole
// entries, and no saved state but the logs.
type Recovery struct {
	CommitsFinished     int   // transactions whose commit had begun and was completed, by partition
	TransactionsAborted int   // transactions left open, by partition
	OffsetsCommitted    int   // group offsets of the finished commit
	BytesTruncated      int64 // torn ends of files
	PartitionsRemoved   int   // folders of topics that had been deleted
}

// recoverBroker mends the broker's folder dir. It can itself be killed and run
// again: what it did stays done, and the intent goes last.
func recoverBroker(dir string, now time.Time) (Recovery, error) {
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
		cut, err := mendStateLog(filepath.Join(dir, name))
		if err != nil {
			return done, err
		}
		done.BytesTruncated += cut
	}
	producers, err := mendProducers(filepath.Join(dir, producersLog))
	if err != nil {
		return done, err
	}
	if intent != nil && !producers.current(intent) {
		intent = nil // the producer went on to a newer epoch: long complete, or never valid
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
// say the same and go on after a kill. With it go the members of consumer
// groups, whose processes are dead, and producers' sequence numbers, which a
// kill leaves too old to be right.
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

// mendStateLog cuts a torn entry off the end of a state log, and returns how
// many bytes it cut. kfake ignores such an end but appends behind it, and so
// would lose all that follows at the next start.
func mendStateLog(path string) (int64, error) {
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
		return 0, fmt.Errorf("mending broker state: %w", err)
	}
	return int64(len(raw) - valid), nil
}

// producerState is the newest that pids.log says of a producer id.
type producerState struct {
	transactionalID string
	epoch           int16
}

type producerStates map[int64]producerState

// current says whether the intent's producer is still in the epoch in which it
// asked for the commit.
func (s producerStates) current(intent *commitIntent) bool {
	have, ok := s[intent.ProducerID]
	return ok && have == producerState{intent.TransactionalID, intent.ProducerEpoch}
}

// mendProducers reads pids.log and drops from it the producers without a
// transactional id: each run of each job adds one, and nothing asks for them
// again.
func mendProducers(path string) (producerStates, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading producers: %w", err)
	}
	states := make(producerStates)
	var kept []byte
	frames, _ := readFrames(raw)
	for _, frame := range frames {
		var entry struct {
			Type            string `json:"type"`
			ProducerID      int64  `json:"pid"`
			Epoch           int16  `json:"epoch"`
			TransactionalID string `json:"txid"`
		}
		if err := json.Unmarshal(frame, &entry); err != nil {
			return nil, fmt.Errorf("reading producers: %w", err)
		}
		state := states[entry.ProducerID]
		state.epoch = entry.Epoch
		if entry.Type == "init" {
			state.transactionalID = entry.TransactionalID
		}
		if state.transactionalID == "" {
			continue
		}
		states[entry.ProducerID] = state
		kept = appendFrame(kept, frame)
	}
	if len(kept) == len(raw) {
		return states, nil
	}
	if err := atomicfile.Write(path, kept, 0o600); err != nil {
		return nil, fmt.Errorf("writing producers: %w", err)
	}
	return states, nil
}

// recoverPartitions mends every partition and ends its open transactions.
func recoverPartitions(dir string, intent *commitIntent, done *Recovery) error {
	live, err := partitionFolders(dir)
	if err != nil {
		return err
	}
	root := filepath.Join(dir, partitionsFolder)
	entries, err := os.ReadDir(root)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading partitions: %w", err)
	}
	commits := func(t openTransaction) bool {
		return intent != nil && t == openTransaction{intent.ProducerID, intent.ProducerEpoch}
	}
	for _, e := range entries {
		path := filepath.Join(root, e.Name())
		if !live[e.Name()] {
			// A new topic of the same name would write behind the old records.
			if err := os.RemoveAll(path); err != nil {
				return fmt.Errorf("removing deleted topic: %w", err)
			}
			done.PartitionsRemoved++
			continue
		}
		log, err := mendPartition(path)
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

// partitionFolders returns the folder names of the partitions that exist.
func partitionFolders(dir string) (map[string]bool, error) {
	raw, err := os.ReadFile(filepath.Join(dir, topicsFile))
	if err != nil {
		return nil, fmt.Errorf("reading topics: %w", err)
	}
	var file struct {
		Topics []struct {
			Name       string `json:"name"`
			Partitions int    `json:"partitions"`
		} `json:"topics"`
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		return nil, fmt.Errorf("reading %s: %w", topicsFile, err)
	}
	names := make(map[string]bool)
	for _, topic := range file.Topics {
		for p := range topic.Partitions {
			names[fmt.Sprintf("%s-%d", url.PathEscape(topic.Name), p)] = true
		}
	}
	return names, nil
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
