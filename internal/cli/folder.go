package cli

import (
	"context"
	"flag"
	"fmt"

	"github.com/iamd-project/iamd/internal/server"
)

var backupCommand = command{
	name:  "backup",
	args:  "DIR",
	short: "copy the data folder's store, while the server runs or not",
	about: `
Copies the store into DIR, which must be empty or not exist. The copy holds every
change acknowledged before the command began, and can be taken while the server
runs. The master key is not in it: keep a copy of that apart, or the backup
cannot be read.`,
	setup: folderCommand(1, func(ctx context.Context, env Env, a server.Admin, args []string) error {
		if err := a.Backup(ctx, args[0]); err != nil {
			return err
		}
		fmt.Fprintf(env.Stderr, "backup complete: %s (the master key is not in it)\n", args[0])
		return nil
	}),
}

var doctorCommand = command{
	name:  "doctor",
	short: "check a data folder: every index against its records",
	about: `
Reads every record and index of the data folder, and tries the master key on every
sealed secret. Prints each problem on a line of its own and exits with 3 if there
is any. It changes nothing, and works while the server runs.`,
	setup: folderCommand(0, func(ctx context.Context, env Env, a server.Admin, _ []string) error {
		report, err := a.Doctor(ctx)
		if err != nil {
			return err
		}
		for _, p := range report.Problems {
			fmt.Fprintln(env.Stdout, p)
		}
		fmt.Fprintf(env.Stdout, "%d accounts, %d users, %d access keys; %d problems\n",
			report.Accounts, report.Users, report.AccessKeys, report.Found)
		if report.Found > 0 {
			return &exit{exitFound, fmt.Errorf("%d problems found", report.Found)}
		}
		return nil
	}),
}

var masterKeyCommand = command{
	name:  "master-key",
	args:  "rotate",
	short: "replace the master key",
	about: `
"iamd master-key rotate" makes a new master key and a new data key. Everything
sealed before stays readable; what is sealed from now on uses the new data key. It
works while the server runs, and a crash in the middle leaves the old key or the
new one in force, never neither.

A key that came from IAMD_MASTER_KEY is replaced by the one in IAMD_NEW_MASTER_KEY;
start the server with it from then on.`,
	setup: folderCommand(1, func(ctx context.Context, env Env, a server.Admin, args []string) error {
		if args[0] != "rotate" {
			return usageError("master-key: unknown word %q; it takes: rotate", args[0])
		}
		newKey, _ := env.Getenv("IAMD_NEW_MASTER_KEY")
		where, err := a.RotateMasterKey(ctx, newKey)
		if err != nil {
			return err
		}
		fmt.Fprintf(env.Stderr, "the master key is now in %s\n", where)
		return nil
	}),
}

var restoreCommand = command{
	name:  "restore",
	args:  "DIR",
	short: "make a data folder from a backup",
	about: `
Makes the data folder given with --data from the backup in DIR. The folder must
not hold a store yet. The server that opens it needs the master key that was in
force when the backup was taken.`,
	setup: func(flags *flag.FlagSet) func(context.Context, Env, []string) error {
		var f server.Folder
		dataFlag(flags, &f.Path)
		return func(ctx context.Context, env Env, args []string) error {
			if len(args) != 1 {
				return usageError("restore takes one argument, the backup's folder")
			}
			if err := server.Restore(args[0], f.Path); err != nil {
				return err
			}
			fmt.Fprintf(env.Stderr, "restored into %s\n", f.Path)
			return nil
		}
	},
}

// folderCommand is a command on a data folder with n arguments: done by the
// server that has the folder open, or else here.
func folderCommand(n int, body func(context.Context, Env, server.Admin, []string) error) func(*flag.FlagSet) func(context.Context, Env, []string) error {
	return func(flags *flag.FlagSet) func(context.Context, Env, []string) error {
		var f server.Folder
		folderFlags(flags, &f)
		return func(ctx context.Context, env Env, args []string) error {
			if len(args) != n {
				return usageError("%s takes %d arguments, not %d", flags.Name(), n, len(args))
			}
			return withAdmin(env, f, func(a server.Admin) error { return body(ctx, env, a, args) })
		}
	}
}

// withAdmin opens a data folder for body.
func withAdmin(env Env, f server.Folder, body func(server.Admin) error) (err error) {
	readKeys(&f, env)
	admin, done, err := server.OpenAdmin(f)
	if err != nil {
		return err
	}
	defer func() {
		if e := done(); err == nil {
			err = e
		}
	}()
	return body(admin)
}
