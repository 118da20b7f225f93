// Package gates lets what passes between the program and its servers meet a fault: requests and answers that get lost, come late
// or are cut. Each gate knows as much of its protocol as it takes to meet just the call that a test is about.
package gates
