// Package proc reads what processes and the machine have used, from Linux's /proc.
package proc

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const tick = 10 * time.Millisecond // /proc counts CPU time at 100 Hz

// Self is the CPU time that this process has used.
func Self() time.Duration {
	var ru syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &ru) != nil {
		return 0
	}
	return time.Duration(ru.Utime.Nano() + ru.Stime.Nano())
}

// Of is the CPU time that process pid has used, and its resident memory in bytes; zeros when it is gone.
func Of(pid int) (cpu time.Duration, rss int64) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, 0
	}
	f := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
	return time.Duration(number(f[11])+number(f[12])) * tick, number(f[21]) * int64(os.Getpagesize())
}

// Machine is the CPU time that all processes have used since the machine started.
func Machine() time.Duration {
	b, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0
	}
	line, _, _ := strings.Cut(string(b), "\n")
	var n int64
	for i, v := range strings.Fields(line) {
		if 0 < i && i < 9 && i != 4 && i != 5 { // all but idle, iowait and guest
			n += number(v)
		}
	}
	return time.Duration(n) * tick
}

func number(s string) int64 {
	n, _ := strconv.ParseInt(s, 10, 64)
	return n
}

// A Meter tells how many cores were in use since it was started: by this process, by another one, and
// by everybody else, which is the noise of a shared machine.
type Meter struct {
	pid                  int
	start                time.Time
	self, other, machine time.Duration
}

// Start begins to measure. pid is the process of interest, or 0.
func Start(pid int) Meter {
	m := Meter{pid: pid, start: time.Now(), self: Self(), machine: Machine()}
	m.other, _ = Of(pid)
	return m
}

// Use is what was used while a Meter ran.
type Use struct {
	Self, Process, Noise float64       // cores
	ProcessCPU           time.Duration // of the process of interest
	RSS                  int64         // its resident memory now, in bytes
}

// Stop says what was used since Start.
func (m Meter) Stop() Use {
	wall := time.Since(m.start).Seconds()
	cpu, rss := Of(m.pid)
	self, process, machine := Self()-m.self, cpu-m.other, Machine()-m.machine
	return Use{
		Self:       self.Seconds() / wall,
		Process:    process.Seconds() / wall,
		Noise:      max(0, (machine-self-process).Seconds()) / wall,
		ProcessCPU: process,
		RSS:        rss,
	}
}
