//go:build unix && !linux

package postgres

import "syscall"

// childAttributes make a child run as the given user (nil: our own). Only Linux
// can signal a child when its parent dies; elsewhere the next start ends it.
func childAttributes(as *syscall.Credential, _ syscall.Signal) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: as}
}
