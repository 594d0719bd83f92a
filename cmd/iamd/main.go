// Command iamd is an AWS-compatible IAM that you run yourself.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/iamd-project/iamd/internal/cli"
)

// version is set by the build: -ldflags "-X main.version=…".
var version = "dev"

func main() {
	keepFilesPrivate()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	env := cli.Env{
		Args:    os.Args[1:],
		Getenv:  os.LookupEnv,
		Environ: os.Environ(),
		Stdout:  os.Stdout,
		Stderr:  os.Stderr,
		Version: version,
	}
	os.Exit(cli.Run(ctx, env))
}
