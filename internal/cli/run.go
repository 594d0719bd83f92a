package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/google/renameio/v2"

	"github.com/iamd-project/iamd/internal/client"
	"github.com/iamd-project/iamd/internal/runbook"
	"github.com/iamd-project/iamd/runbooks"
)

var runCommand = command{
	name:  "run",
	args:  "FILE|NAME | --list",
	short: "run a runbook: steps that call operations, here or at AWS",
	about: `
Runs a runbook: a YAML file of steps, each of which calls an operation of a service, or
one of those that come with iamd:

  iamd run --list
  iamd run iam-user-creation --help
  iamd run iam-user-creation --input user_name=Bob --input group_name=staff

Endpoint, region and credentials are found as by "iamd call". Outputs are printed as JSON,
progress goes to standard error. Secrets are printed nowhere.

A dry run calls what changes nothing and prints what it would do then. What a run has
done is kept, sealed, in the journal folder until it ends: after a crash, --resume goes on
where it was. The first Ctrl-C ends the run after the present call, and its clean-up is
done; the second ends it at once, and it can be resumed.`,
	own:   []string{"input", "input-file", "dry-run", "report", "resume", "run", "repeat", "list", "journals", "endpoint", "profile"},
	whole: true,
	setup: func(flags *flag.FlagSet) func(context.Context, Env, []string) error {
		o := runOptions{inputs: map[string]any{}}
		flags.Var(inputFlag(o.inputs), "input", "`NAME=VALUE` of an input; repeatable. file://PATH as a value is what is in the file")
		flags.StringVar(&o.inputFile, "input-file", "", "`FILE` with inputs in YAML or JSON")
		flags.BoolVar(&o.dry, "dry-run", false, "change nothing, and print what would be done")
		flags.StringVar(&o.report, "report", "", "`FILE` to write a report to, in JSON")
		flags.BoolVar(&o.resume, "resume", false, "go on with a run that was cut short")
		flags.StringVar(&o.run, "run", "", "with --resume: the `RUN` to go on with, if there are several")
		flags.BoolVar(&o.repeat, "repeat", false, "with --resume: repeat a call of which it is not known whether it was carried out")
		flags.BoolVar(&o.list, "list", false, "list the runbooks that come with iamd")
		flags.StringVar(&o.journals, "journals", "", "`FOLDER` of the journals, if not ~/.local/state/iamd")
		flags.StringVar(&o.Endpoint, "endpoint", "", "`URL` of every service, if not the environment's or AWS's own")
		flags.StringVar(&o.Profile, "profile", "", "`NAME` of the profile to use, if not the environment's")
		return func(ctx context.Context, env Env, args []string) error { return o.main(ctx, env, flags, args) }
	},
}

// runOptions are the flags of iamd run.
type runOptions struct {
	client.Options
	inputs            map[string]any
	inputFile         string
	dry, resume, list bool
	repeat            bool
	report, run       string
	journals          string
}

func (o *runOptions) main(ctx context.Context, env Env, flags *flag.FlagSet, args []string) error {
	words := slices.DeleteFunc(slices.Clone(args), isHelp)
	help := len(words) < len(args)
	rest, err := parse(flags, words)
	switch {
	case err != nil:
		return usageError("run: %w; see 'iamd run --help'", err)
	case help && len(rest) == 0:
		return flag.ErrHelp
	case o.list && len(rest) == 0:
		return listRunbooks(env.Stdout)
	case len(rest) != 1 || o.list:
		return usageError("run takes one runbook, a file or a name; see 'iamd run --list'")
	}
	text, err := readRunbook(rest[0])
	if err != nil {
		return usageError("run: %w", err)
	}
	book, err := runbook.Parse(text)
	if err != nil {
		return usageError("run: %s: %w", rest[0], err)
	}
	if help {
		return runbookHelp(env.Stdout, rest[0], book)
	}
	if err := o.together(); err != nil {
		return err
	}
	return o.start(ctx, env, book, text)
}

func isHelp(arg string) bool { return arg == "--help" || arg == "-help" || arg == "-h" }

// together refuses flags that do not go together.
func (o *runOptions) together() error {
	switch {
	case o.dry && o.resume:
		return usageError("run takes either --dry-run or --resume")
	case o.resume && (len(o.inputs) > 0 || o.inputFile != ""):
		return usageError("run: a run that is resumed has its inputs")
	case !o.resume && (o.run != "" || o.repeat):
		return usageError("run takes --run and --repeat only with --resume")
	}
	return nil
}

// readRunbook reads a file, or one of the library's by its name.
func readRunbook(name string) ([]byte, error) {
	if strings.ContainsAny(name, `/\`) || strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml") {
		return client.ReadFile(name)
	}
	text, err := runbooks.Files.ReadFile(name + ".yaml")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("no runbook is called %q; see 'iamd run --list'. A file is given with its path, or as NAME.yaml", name)
	}
	return text, err
}

// start begins a run, or goes on with one.
func (o *runOptions) start(ctx context.Context, env Env, book *runbook.Runbook, text []byte) error {
	inputs, err := o.given(book)
	if err != nil {
		return usageError("run: %w; see 'iamd run %s --help'", err, book.Name)
	}
	c, err := client.New(ctx, o.Options)
	if err != nil {
		return err
	}
	var journal *runbook.Journal
	if !o.dry {
		if journal, err = o.journal(env, book.Name, text); err != nil {
			return err
		}
	}
	r := runbook.Runner{Client: c, Now: time.Now, Repeat: o.repeat, Progress: progress(env.Stderr, o.dry)}
	report := r.Run(ctx, book, inputs, journal)
	if journal != nil {
		err = journal.Close(report.Over())
	}
	return errors.Join(o.finish(env, report), err)
}

// given are the inputs from flags and a file; those of a resumed run are in its journal.
func (o *runOptions) given(book *runbook.Runbook) (map[string]any, error) {
	if o.resume {
		return nil, nil
	}
	given := map[string]any{}
	if o.inputFile != "" {
		text, err := client.ReadFile(o.inputFile)
		if err != nil {
			return nil, err
		}
		if given, err = runbook.ParseInputs(text); err != nil {
			return nil, fmt.Errorf("%s: %w", o.inputFile, err)
		}
		if given == nil {
			given = map[string]any{}
		}
	}
	for name, value := range o.inputs {
		text, filed, err := fromFile(value.(string))
		if err != nil {
			return nil, fmt.Errorf("input %s: %w", name, err)
		}
		if input := book.Inputs.Values[name]; input != nil && input.Type == "secret" && !filed {
			return nil, fmt.Errorf("input %s is a secret, which others can see in a command line: give it as %s=file://PATH, or in --input-file", name, name)
		}
		given[name] = text
	}
	return book.Given(given)
}

// fromFile is what is in the file that file:// names, without the end of its last line.
func fromFile(value string) (text string, filed bool, err error) {
	path, filed := strings.CutPrefix(value, "file://")
	if !filed {
		return value, false, nil
	}
	b, err := client.ReadFile(path)
	return strings.TrimSuffix(strings.TrimSuffix(string(b), "\n"), "\r"), true, err
}

func (o *runOptions) journal(env Env, name string, text []byte) (*runbook.Journal, error) {
	folder, err := o.folder(env)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(text)
	digest := hex.EncodeToString(sum[:])
	if !o.resume {
		return runbook.NewJournal(folder, name, digest, time.Now())
	}
	runs, err := runbook.Unfinished(folder, name)
	switch {
	case err != nil:
		return nil, err
	case o.run != "":
		return runbook.OpenJournal(folder, name, digest, o.run)
	case len(runs) == 0:
		return nil, fmt.Errorf("no run of %s was cut short", name)
	case len(runs) > 1:
		return nil, usageError("run: several runs of %s were cut short: choose one with --run: %s", name, strings.Join(runs, ", "))
	}
	return runbook.OpenJournal(folder, name, digest, runs[0])
}

// folder is where journals are: what the XDG base directory specification calls state.
func (o *runOptions) folder(env Env) (string, error) {
	if o.journals != "" {
		return o.journals, nil
	}
	if state, ok := env.Getenv("XDG_STATE_HOME"); ok && filepath.IsAbs(state) {
		return filepath.Join(state, "iamd"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("%w: give --journals", err)
	}
	return filepath.Join(home, ".local", "state", "iamd"), nil
}

// finish shows what a run came to.
func (o *runOptions) finish(env Env, report *runbook.Report) error {
	if o.report != "" {
		text, err := json.MarshalIndent(report, "", "  ")
		if err == nil {
			err = renameio.WriteFile(o.report, append(text, '\n'), 0o600)
		}
		if err != nil {
			return fmt.Errorf("writing the report: %w", err)
		}
	}
	switch {
	case report.Status != runbook.Succeeded:
		return fmt.Errorf("%s %s: %s", report.Runbook, report.Status, printable(report.Error))
	case o.dry:
		return printPlan(env.Stdout, report)
	}
	return printJSON(env.Stdout, report.Outputs)
}

// inputFlag collects inputs.
type inputFlag map[string]any

func (f inputFlag) String() string { return "" }

// Set adds NAME=VALUE.
func (f inputFlag) Set(s string) error {
	name, value, ok := strings.Cut(s, "=")
	if !ok || name == "" {
		return errors.New("this is not NAME=VALUE")
	}
	if _, twice := f[name]; twice {
		return fmt.Errorf("%s is given twice", name)
	}
	f[name] = value
	return nil
}
