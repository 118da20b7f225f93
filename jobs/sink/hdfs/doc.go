// Package hdfs is the lake: a store that keeps observations as Parquet files of HDFS, or of a local folder, exactly
// once.
//
// Everything is below <root>/clean:
//
//	date=2026-01-31/0-<start>-<end>.parquet   the observations of that day (UTC) in one batch: what readers read
//	date=2026-01-31/compacted-<n>.parquet     the last revisions of a closed day, instead of its small files
//	_log/p=0/<start>/manifest.json            the chain of partition 0: one entry for each commit
//	_log/compactions/<n>/manifest.json        the chain of compactions
//	_log/topics/<n>/manifest.json             the chain of recreated topics, once there is one
//	_tmp/<uuid>/                              what is being written; swept after a day
//
// A batch is one commit. Its files and its manifest are written into _tmp/<uuid>; then that folder is renamed to
// its place in the chain, which is named after the first offset: it is an entry now. The file system refuses to rename
// a folder onto one that is not empty. So of two writers at one offset one succeeds, and a batch is stored together with
// its offsets or not at all. A writer that does not know the result of a rename reads whose manifest is there. After that
// the entry is published: its files are moved into the folders of their days. Readers see a batch late at worst, never
// twice and never half a file. An entry whose files are not yet all published is pending. The next run publishes what a
// crash left pending before it commits anything else: only the newest entry of a chain can be pending.
//
// A compaction is an entry of a chain of its own. Publishing it moves the files that it replaces out of their day first
// and the new one in after that: the day is absent for a moment and never there twice.
//
// The manifest of an entry holds what came of the records of its partition from the first entry on. Old entries are
// pruned, oldest first and never the newest of a chain. A writer that was suspended meanwhile could find the place of its
// batch free again. Therefore it checks before it writes that its predecessor is still there, and gives up when that was
// hours ago.
//
// The offsets of a topic that was deleted and recreated start from 0. Places in the chain and file names therefore are
// positions: the offset plus 2^44 for each time that the topic was recreated. The run with --new-topic enters the new
// topic into the chain of topics, so that the runs after it know of it although no partition has a record yet.
package hdfs
