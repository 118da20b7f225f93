// Package parquet reads and writes Apache Parquet. It also holds the schema of senmeteo's Parquet files and the
// conversion of observations to their rows, for the lake.
package parquet
