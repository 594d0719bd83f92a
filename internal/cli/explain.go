package cli

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/iamd-project/iamd/internal/explain"
	"github.com/iamd-project/iamd/internal/server"
	"github.com/iamd-project/iamd/policy"
)

var explainCommand = command{
	name:  "explain",
	short: "say whether somebody may do something, and why",
	about: `
Decides a request as the server would, and prints every policy that bears on it with
what each of its statements does, then the decision. It changes nothing, and works
while the server runs.

  iamd explain --principal arn:aws:iam::123456789012:user/Bob --action s3:GetObject --resource arn:aws:s3:::bucket/key

Exits with 0 if the request is allowed, with 1 if it is denied, and with another code
if that cannot be said.`,
	setup: func(flags *flag.FlagSet) func(context.Context, Env, []string) error {
		q := explain.Question{Context: map[string][]string{}}
		flags.StringVar(&q.Principal, "principal", "", "`ARN` of a user, a role, a session of a role, or the root user")
		flags.StringVar(&q.Action, "action", "", "`ACTION` such as s3:GetObject")
		flags.StringVar(&q.Resource, "resource", "*", "`ARN` of the resource")
		flags.Var(contextFlag(q.Context), "context", "`KEY=VALUE` of a condition key; repeatable, also for one key")
		file := flags.String("resource-policy", "", "`FILE` with the resource's own policy")
		asJSON := flags.Bool("json", false, "print JSON")
		run := folderCommand(0, func(ctx context.Context, env Env, a server.Admin, _ []string) error {
			return runExplain(ctx, env, a, &q, *file, *asJSON)
		})(flags)
		return func(ctx context.Context, env Env, args []string) error {
			if q.Principal == "" || !strings.Contains(q.Action, ":") {
				return usageError("explain takes --principal and --action, such as s3:GetObject")
			}
			err := run(ctx, env, args)
			if _, chosen := errors.AsType[*exit](err); err == nil || chosen {
				return err
			}
			return &exit{exitUnknown, err} // and not the code of a denial
		}
	},
}

func runExplain(ctx context.Context, env Env, a server.Admin, q *explain.Question, file string, asJSON bool) error {
	if file != "" {
		text, err := readPolicy(file)
		if err != nil {
			return err
		}
		q.ResourcePolicy = text
	}
	q.At = time.Now()
	answer, err := a.Explain(ctx, q)
	if err != nil {
		return err
	}
	if asJSON {
		err = json.NewEncoder(env.Stdout).Encode(answer)
	} else {
		err = printAnswer(env.Stdout, answer)
	}
	if err == nil && !answer.Allowed {
		err = &exit{exitFailed, errors.New("the request is denied")}
	}
	return err
}

// readPolicy reads no more than a policy can have.
func readPolicy(file string) (string, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, policy.MaxLen+1))
	if err == nil && len(text) == 0 {
		err = fmt.Errorf("%s is empty", file)
	}
	return string(text), err
}

func printAnswer(w io.Writer, a *explain.Answer) error {
	var b strings.Builder
	for _, p := range a.Policies {
		fmt.Fprintf(&b, "%s %s", p.Kind, p.Name)
		if p.Holder != "" {
			fmt.Fprintf(&b, " (%s)", p.Holder)
		}
		b.WriteByte('\n')
		for i, s := range p.Statements {
			printStatement(&b, i+1, &s)
		}
	}
	for _, key := range a.Missing {
		fmt.Fprintf(&b, "no value for %s\n", key)
	}
	fmt.Fprintln(&b, strings.TrimSuffix(a.Decision+": "+a.Message, ": "))
	_, err := io.WriteString(w, b.String())
	return err
}

func printStatement(w io.Writer, number int, s *explain.Statement) {
	name := s.Effect
	if s.Sid != "" {
		name = s.Sid + ", " + s.Effect
	}
	fmt.Fprintf(w, "  statement %d %v-%v %s: ", number, s.Start, s.End, name)
	switch {
	case s.Matched:
		fmt.Fprintln(w, "applies")
	case s.Condition != "":
		fmt.Fprintf(w, "does not apply: %s does not hold\n", s.Condition)
	default:
		fmt.Fprintf(w, "does not apply: another %s\n", s.Unmatched)
	}
}

// contextFlag collects condition keys. The values of one key add up.
type contextFlag map[string][]string

func (f contextFlag) String() string { return "" }

// Set adds KEY=VALUE.
func (f contextFlag) Set(s string) error {
	key, value, ok := strings.Cut(s, "=")
	if !ok || key == "" {
		return fmt.Errorf("%q is not KEY=VALUE", s)
	}
	f[key] = append(f[key], value)
	return nil
}
