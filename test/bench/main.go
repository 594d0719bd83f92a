// Command bench measures what this machine can do at most and what iamd does, in turns and in one run,
// and prints the ratios beside their targets. See README.md.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// commands by name; "" is what runs without one. The other two are the harness's own tools, to be used by hand.
var commands = map[string]func(ctx context.Context, args []string) error{
	"":        runBench,
	"load":    runLoad,
	"ceiling": runCeiling,
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	name, args := "", os.Args[1:]
	if len(args) > 0 && commands[args[0]] != nil {
		name, args = args[0], args[1:]
	}
	if err := commands[name](ctx, args); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}
