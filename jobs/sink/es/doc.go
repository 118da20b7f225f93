// Package es stores observations in Elasticsearch exactly once. Elasticsearch has no transactions, so the guarantee consists of
// writes that may be repeated and of one that may not:
//
//	meteo-clean-2026.01  the latest revision of each observation of that month (UTC); the alias meteo-clean reads all months
//	meteo-sink           one document per partition of the clean topic: its next offset, its counters and its fencing token
//
// An observation's _id is its id, and its external version is made of when it was fetched and its revision: Elasticsearch refuses, with
// a conflict, whatever is not newer than what it holds. So a batch can be sent again as a whole or in part, by any run and at any
// later time, and the documents stay the same. The version is not the offset, because the topic may repeat an old fetch after a newer
// one once `stream` has forgotten it; all stores keep what was fetched last, not the last record. Where a topic was deleted and
// recreated, what it holds now counts: its epoch, kept in meteo-sink, is above both in the version.
//
// A batch is committed by its partition's document, whose offset moves on after every item of the batch has its own answer: stored,
// known already, or kept as a dead letter. A run that acquires a partition writes its fencing token into that document, and each change
// of it names the sequence number that it is based on, so that of two writers one is fenced. After an answer that was lost the document
// is read again: it contains the token of the run that has the partition, and its next offset.
package es
