// Package cli is the command line: a table of commands, one file each. Results
// go to standard output and talk to standard error.
//
// Exit codes: 0 for success, 1 for a failure, 2 for a command line or setting
// that cannot be, 3 when a check (doctor) found something wrong. To explain, 1 is a
// denial, and 4 a failure.
package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
)

// Env is the world a command runs in.
type Env struct {
	Args    []string // without the program's name
	Getenv  func(string) (string, bool)
	Environ []string // "NAME=value", to find settings that nobody knows
	Stdout  io.Writer
	Stderr  io.Writer
	Version string
}

// The exit codes.
const (
	exitOK = iota
	exitFailed
	exitUsage
	exitFound
	exitUnknown
)

// A command is one word after iamd.
type command struct {
	name  string
	args  string // what follows the flags, for the usage line
	short string
	about string   // for its own --help
	own   []string // flags that no variable stands for: they say what this one call is to do
	whole bool     // it reads its flags itself: which there are depends on its arguments
	// setup declares the flags and returns what to run once they are read.
	setup func(*flag.FlagSet) func(context.Context, Env, []string) error
}

func commands() []command {
	return []command{
		serveCommand, envCommand, accountCommand, rotateCommand, explainCommand, callCommand, runCommand, doctorCommand, backupCommand, restoreCommand,
		masterKeyCommand, versionCommand,
	}
}

// exit is an error that asks for an exit code of its own.
type exit struct {
	code int
	err  error
}

func (e *exit) Error() string { return e.err.Error() }
func (e *exit) Unwrap() error { return e.err }

func usageError(format string, args ...any) error {
	return &exit{exitUsage, fmt.Errorf(format, args...)}
}

// Run runs the command that env.Args names and returns the exit code.
func Run(ctx context.Context, env Env) int {
	err := run(ctx, env)
	if err == nil || errors.Is(err, flag.ErrHelp) {
		return exitOK
	}
	fmt.Fprintf(env.Stderr, "iamd: %v\n", err)
	if e, ok := errors.AsType[*exit](err); ok {
		return e.code
	}
	return exitFailed
}

func run(ctx context.Context, env Env) error {
	if len(env.Args) == 0 {
		help(env.Stderr)
		return usageError("no command given")
	}
	name, args := env.Args[0], env.Args[1:]
	switch name {
	case "help", "-h", "-help", "--help":
		return runHelp(env, args)
	}
	c, ok := find(name)
	if !ok {
		return usageError("unknown command %q; see 'iamd help'", name)
	}
	flags, body := c.flags()
	if err := fromEnvironment(c, flags, env); err != nil {
		return err
	}
	if c.whole {
		err := body(ctx, env, args)
		if errors.Is(err, flag.ErrHelp) {
			c.help(env.Stdout)
		}
		return err
	}
	rest, err := parse(flags, args)
	if errors.Is(err, flag.ErrHelp) {
		c.help(env.Stdout)
		return err
	}
	if err != nil {
		return usageError("%s: %w; see 'iamd %s --help'", name, err, name)
	}
	return body(ctx, env, rest)
}

// parse reads flags wherever they stand, so that "iamd backup DIR --data D" and
// "iamd backup --data D DIR" are the same.
func parse(flags *flag.FlagSet, args []string) (rest []string, err error) {
	for {
		if err := flags.Parse(args); err != nil {
			return nil, err
		}
		if flags.NArg() == 0 {
			return rest, nil
		}
		if n := len(args) - flags.NArg(); n > 0 && args[n-1] == "--" {
			return append(rest, flags.Args()...), nil
		}
		rest, args = append(rest, flags.Arg(0)), flags.Args()[1:]
	}
}

func find(name string) (command, bool) {
	for _, c := range commands() {
		if c.name == name {
			return c, true
		}
	}
	return command{}, false
}

func (c command) flags() (*flag.FlagSet, func(context.Context, Env, []string) error) {
	flags := flag.NewFlagSet(c.name, flag.ContinueOnError)
	flags.SetOutput(io.Discard) // Run prints what went wrong, once
	flags.Usage = func() {}
	return flags, c.setup(flags)
}

func runHelp(env Env, args []string) error {
	if len(args) == 0 {
		help(env.Stdout)
		return nil
	}
	c, ok := find(args[0])
	if !ok {
		return usageError("unknown command %q; see 'iamd help'", args[0])
	}
	c.help(env.Stdout)
	return nil
}

func help(w io.Writer) {
	fmt.Fprint(w, "iamd is an AWS-compatible IAM that you run yourself.\n\nUsage: iamd COMMAND [flags]\n\nCommands:\n")
	for _, c := range commands() {
		fmt.Fprintf(w, "  %-12s %s\n", c.name, c.short)
	}
	fmt.Fprint(w, "\n'iamd COMMAND --help' tells more. Flags can be given as variables, too: --data as IAMD_DATA.\n")
}

func (c command) help(w io.Writer) {
	usage := strings.TrimSpace("iamd " + c.name + " [flags] " + c.args)
	fmt.Fprintf(w, "Usage: %s\n\n%s\n", usage, strings.TrimSpace(c.about))
	flags, _ := c.flags()
	first := true
	flags.VisitAll(func(f *flag.Flag) {
		if first {
			fmt.Fprint(w, "\nFlags:\n")
			first = false
		}
		value, text := flag.UnquoteUsage(f)
		fmt.Fprintf(w, "  %s\n      %s", strings.TrimSpace("--"+f.Name+" "+value), strings.ReplaceAll(text, "\n", "\n      "))
		if f.DefValue != "" && f.DefValue != "false" && f.DefValue != "0" {
			fmt.Fprintf(w, " (default %s)", f.DefValue)
		}
		if c.hasVariable(f) {
			fmt.Fprintf(w, " [%s]", variable(f.Name))
		}
		fmt.Fprintln(w)
	})
}
