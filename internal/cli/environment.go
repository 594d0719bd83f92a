package cli

import (
	"flag"
	"slices"
	"strings"
)

// secretSettings are the variables that no flag stands for, since a process's
// arguments can be seen by others.
var secretSettings = []string{
	"IAMD_MASTER_KEY",
	"IAMD_NEW_MASTER_KEY",
	"IAMD_ROOT_ACCESS_KEY_ID",
	"IAMD_ROOT_SECRET_ACCESS_KEY",
}

func variable(flagName string) string {
	return "IAMD_" + strings.ToUpper(strings.ReplaceAll(flagName, "-", "_"))
}

func (c command) hasVariable(f *flag.Flag) bool { return !slices.Contains(c.own, f.Name) }

// fromEnvironment sets each flag that has its variable set; the command line
// comes after and wins. A variable that belongs to no command is refused: it is
// a setting that somebody believes to be in force.
func fromEnvironment(c command, flags *flag.FlagSet, env Env) error {
	if unknown := unknownSettings(env.Environ); len(unknown) > 0 {
		return usageError("unknown setting %s in the environment; see 'iamd help'", strings.Join(unknown, ", "))
	}
	var err error
	flags.VisitAll(func(f *flag.Flag) {
		value, ok := env.Getenv(variable(f.Name))
		if !ok || err != nil || !c.hasVariable(f) {
			return
		}
		if e := f.Value.Set(value); e != nil {
			err = usageError("%s: %w", variable(f.Name), e)
		}
		if r, ok := f.Value.(*list); ok {
			r.preset = true // a flag on the command line replaces it, and does not add to it
		}
	})
	return err
}

func unknownSettings(environ []string) []string {
	known := slices.Clone(secretSettings)
	for _, c := range commands() {
		flags, _ := c.flags()
		flags.VisitAll(func(f *flag.Flag) {
			if c.hasVariable(f) {
				known = append(known, variable(f.Name))
			}
		})
	}
	var unknown []string
	for _, line := range environ {
		name, _, _ := strings.Cut(line, "=")
		if strings.HasPrefix(name, "IAMD_") && !slices.Contains(known, name) {
			unknown = append(unknown, name)
		}
	}
	slices.Sort(unknown)
	return unknown
}

// list is the value of a repeatable flag. In a variable its values stand
// between commas. The first value given replaces the default.
type list struct {
	values []string
	preset bool // values are a default, to be replaced
}

func (l *list) String() string {
	if l == nil {
		return ""
	}
	return strings.Join(l.values, ",")
}

// Set adds the values between commas.
func (l *list) Set(s string) error {
	if l.preset {
		l.values, l.preset = nil, false
	}
	for v := range strings.SplitSeq(s, ",") {
		if v = strings.TrimSpace(v); v != "" {
			l.values = append(l.values, v)
		}
	}
	return nil
}

func repeated(flags *flag.FlagSet, name, usage string, defaults ...string) *list {
	l := &list{values: defaults, preset: true}
	flags.Var(l, name, usage)
	return l
}
