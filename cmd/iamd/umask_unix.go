//go:build unix

package main

import "syscall"

// keepFilesPrivate makes whatever iamd writes its user's alone, also what
// libraries write.
func keepFilesPrivate() { syscall.Umask(0o077) }
