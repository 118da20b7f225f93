// Package exitcode decides with which exit code the program ends. The codes follow sysexits.h where it has one, and are
// promises: Airflow decides by them whether a task is tried again.
//
// table.go is the one list. The program's help, docs/exit-codes.md and dags/senmeteo/exit_codes.py follow from it:
// `go test ./jobs/exitcode -update` writes the two files, and the test fails when they differ.
package exitcode
