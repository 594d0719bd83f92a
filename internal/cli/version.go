package cli

import (
	"context"
	"flag"
	"fmt"
	"runtime"
)

var versionCommand = command{
	name:  "version",
	short: "print the version",
	about: "Prints iamd's version, and that of the Go release it was built with.",
	setup: func(*flag.FlagSet) func(context.Context, Env, []string) error {
		return func(_ context.Context, env Env, args []string) error {
			if len(args) > 0 {
				return usageError("version takes no arguments: %q", args[0])
			}
			fmt.Fprintf(env.Stdout, "iamd %s (%s, %s/%s)\n", env.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return nil
		}
	},
}
