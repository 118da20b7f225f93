// Package redis keeps the newest observations in Redis, exactly once, for readers that want them at once. In the order of a
// prefix, which is that of the topics:
//
//	meteo:latest:SN-DK:open-meteo:model  a hash: the newest observation of this station, source and kind. Its fields are those of the
//	                                     record's JSON, and `order`, by which the next one is compared. It expires.
//	meteo:latest                         a sorted set of these, without "meteo:latest:", by the milliseconds of observed_at
//	meteo:stations                       a geographical set of the stations
//	meteo:changes                        a stream with an entry for each hash that was written, about the last 10,000
//	meteo:offsets:meteo.clean            a hash that never expires: of which topic all of it is, and of each partition the next offset,
//	                                     the counters and who may commit
//
// A batch is first reduced to the newest observation of each series. One script then compares, replaces, and moves the partition's
// offset on, last. Nothing comes between its commands, and Redis appends what it wrote to its file as one transaction, so that
// after a kill all of it is there or nothing. Where a command of the script fails, the offset stays, and the batch is stored by
// its repetition.
//
// A hash expires so long after observed_at, by the clock of Redis, and an observation that is older than that is not stored. So what
// has expired can't be replaced by something older, in whatever order batches come.
//
// A run that acquires a partition writes its name and the number of the acquisition into the hash of the offsets; a commit is of
// effect only while both are there. A commit may be sent again when its answer was lost: the script recognises the one that it has
// just done, by run, acquisition and offsets, and gives the same answer. One that arrives late, after its partition was acquired
// again, changes nothing.
package redis
