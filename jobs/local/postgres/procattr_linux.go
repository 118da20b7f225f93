package postgres

import "syscall"

// childAttributes make a child run as the given user (nil: our own) and get
// onParentDeath when the thread that started it ends. Whoever starts a child
// with it keeps that thread (runtime.LockOSThread) until the child has ended.
func childAttributes(as *syscall.Credential, onParentDeath syscall.Signal) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: as, Pdeathsig: onParentDeath}
}
