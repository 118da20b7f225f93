package hdfs

import (
	"encoding/json"
	"fmt"
	"path"
	"strconv"
	"strings"
	"time"
)

const (
	logFolder    = "_log"
	tmpFolder    = "_tmp"
	manifestName = "manifest.json"
	replacedName = "replaced" // in a compaction's entry the folder of the files that it replaces
	fileSuffix   = ".parquet" // of all published files
	datePrefix   = "date="
)

func withoutSuffix(file string) string { return strings.TrimSuffix(path.Base(file), fileSuffix) }

// manifestVersion is the version of the manifest's shape. A program refuses a newer one; members that it does not know
// it ignores.
const manifestVersion = 1

// manifest describes one entry of a chain.
type manifest struct {
	Version      int        `json:"version"`
	UUID         string     `json:"uuid"`
	ClusterID    string     `json:"cluster_id,omitempty"`
	TopicID      string     `json:"topic_id,omitempty"`
	Epoch        int64      `json:"epoch"`     // how often the topic had been recreated
	Partition    int32      `json:"partition"` // noPartition in the chains that belong to none
	Start        int64      `json:"start"`     // the first offset; of a compaction its number; of a topic 0
	End          int64      `json:"end"`       // one past the last offset
	Records      int        `json:"records"`
	Observations int        `json:"observations"`
	Total        *counts    `json:"total,omitempty"` // up to and with this entry; only in the chains of partitions, and not of older programs
	RunID        string     `json:"run_id,omitempty"`
	WrittenAt    time.Time  `json:"written_at"`
	Files        []dataFile `json:"files"`
	Replaces     []string   `json:"replaces,omitempty"` // published files whose place Files take
}

// dataFile is one file of an entry.
type dataFile struct {
	Date string `json:"date"` // YYYY-MM-DD
	Path string `json:"path"` // where it is published: date=.../...
	Rows int    `json:"rows"`
	Size int64  `json:"bytes"`
}

// stagedName is the file's name inside the entry, before it is published. Like that of a replaced file it lacks the
// suffix of published files, because some readers take every file below the root that has it.
func (f *dataFile) stagedName() string { return f.Date + ".staged" }

// epochShift leaves 2^44 offsets, 17 million million, to each topic of this name.
const epochShift = 44

// position orders the offsets of all topics of this name, one after the other. In the first it is the offset itself.
func position(epoch, offset int64) int64 { return epoch<<epochShift + offset }

// entryName is the name of an entry's folder: names sort as positions do.
func entryName(pos int64) string { return fmt.Sprintf("%020d", pos) }

// position is the manifest's place in its chain.
func (m *manifest) position() int64 { return position(m.Epoch, m.Start) }

// name is the manifest's folder inside its chain.
func (m *manifest) name() string { return entryName(m.position()) }

// follows reports whether nothing is missing between two neighbours of a chain.
func (m *manifest) follows(before *manifest) bool {
	if m.Epoch == before.Epoch {
		return m.Start == before.End
	}
	return m.Epoch > before.Epoch
}

// batchFile is where the observations of a day in a batch are published.
func batchFile(date string, partition int32, epoch, start, end int64) string {
	return fmt.Sprintf("%s%s/%d-%s-%s%s", datePrefix, date, partition, entryName(position(epoch, start)), entryName(position(epoch, end)), fileSuffix)
}

func chainOf(partition int32) string { return fmt.Sprintf("%s/p=%d", logFolder, partition) }

// The chains that belong to no partition: of compactions, and of the topics that the lake went on with by --new-topic.
const (
	compactions = logFolder + "/compactions"
	topicsName  = "topics"
	topics      = logFolder + "/" + topicsName
	noPartition = -1
)

// partitionOf reads the name of a partition's chain.
func partitionOf(name string) (int32, bool) {
	digits, ok := strings.CutPrefix(name, "p=")
	n, err := strconv.ParseInt(digits, 10, 32)
	return int32(n), ok && err == nil && n >= 0
}

// ownCounts are those of the entry alone, as far as the manifests of older programs hold them.
func (m *manifest) ownCounts() counts {
	return counts{Read: int64(m.Records), Written: int64(m.Observations)}
}

// newManifest returns the manifest of an entry that this run is about to write.
func (l *Lake) newManifest(partition int32, at time.Time) *manifest {
	return &manifest{Version: manifestVersion, Partition: partition, RunID: l.cfg.runID, WrittenAt: at.UTC()}
}

func (m *manifest) encode() ([]byte, error) {
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("writing a manifest: %w", err)
	}
	return append(text, '\n'), nil
}

// decodeManifest reads the manifest of the entry with this name.
func decodeManifest(entry string, text []byte) (*manifest, error) {
	var m manifest
	if err := json.Unmarshal(text, &m); err != nil {
		return nil, fmt.Errorf("it is not JSON: %w", err)
	}
	switch {
	case m.Version > manifestVersion:
		return nil, fmt.Errorf("version %d is newer than this program: use the newest senmeteo", m.Version)
	case m.Version < 1, m.UUID == "", m.End < m.Start, m.name() != entry:
		return nil, fmt.Errorf("it does not describe the entry %s", entry)
	}
	for _, f := range m.Files {
		if _, err := time.Parse(time.DateOnly, f.Date); err != nil || !inDay(f.Path, f.Date) {
			return nil, fmt.Errorf("it names the file %q of %q", f.Path, f.Date)
		}
	}
	for _, p := range m.Replaces {
		if len(m.Files) != 1 || !inDay(p, m.Files[0].Date) {
			return nil, fmt.Errorf("it replaces the file %q", p)
		}
	}
	return &m, nil
}

// inDay reports whether a path is that of a file in the folder of a day.
func inDay(name, date string) bool {
	return path.Clean(name) == name && path.Dir(name) == datePrefix+date
}
