// Package hdfs is the lake: a sink that keeps observations as files of HDFS, or of a local folder, exactly once.
//
// Everything is below <root>/clean:
//
//	date=2026-01-31/0-<start>-<end>.parquet   the observations of that day (UTC) in one batch: what readers read
//	date=2026-01-31/compacted-<n>.parquet     the last revisions of a closed day, in place of its small files
//	_log/p=0/<start>/manifest.json            the chain of commits of partition 0
//	_log/compactions/<n>/manifest.json        the chain of compactions
//	_log/topics/<n>/manifest.json             the chain of topics that were made again, once one was
//	_tmp/<uuid>/                              what is being written; swept after a day
//
// A batch is one commit. Its files and its manifest are written into _tmp/<uuid>; then that folder is renamed to
// its place in the chain, named after the first offset. The file system refuses to rename a folder onto one that
// is not empty, so of two writers at one offset one wins, and a batch is stored together with its offsets or
// not at all. Whoever does not know how a rename ended looks whose manifest stands there. After that the files are
// published: moved out of the entry into the folders of their days. Readers see a batch late at worst, never twice
// and never half a file. What a crash leaves unpublished the next run publishes, before it commits anything else:
// only the newest entry of a chain can be unpublished.
//
// A compaction is an entry of a chain of its own. Publishing it moves the files that it replaces out of their day
// first and the new one in after that: the day is absent for a moment and never there twice.
//
// Old entries are pruned, the newest of a chain never, oldest first. A writer that slept through that could find
// the place of its batch free again, therefore it looks that its predecessor is still there before it writes, and
// gives up when that was hours ago.
//
// Where a topic was deleted and made again its offsets start from 0. Places in the chain and file names therefore
// count positions: the offset plus 2^44 for each time that the topic was made again. The run that is told of it enters the new
// topic into a chain of its own, so that those after it know, although no partition has a record yet.
package hdfs
