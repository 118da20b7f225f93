// Package memory is the simplest store that keeps the contract of flow.Store. It is for tests only: for the suite of package
// flowtest, which must fail for each of its flaws, and for those of the program's list of stores.
package memory
