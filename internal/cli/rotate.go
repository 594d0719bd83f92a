package cli

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/server"
)

var rotateCommand = command{
	name:  "rotate",
	args:  "status | user NAME",
	short: "rotate users' access keys, and show how old all keys are",
	about: `
"iamd rotate status" prints every access key: whose it is, its state, age and last use,
the secret that it is rotated in, when that is next, and what an old key waits for.

"iamd rotate user NAME" makes a secret that holds an access key of the user, and has it
rotated at once and then on a schedule, through RotateSecret, as the account's root user.
Clients read the key from the secret. Keys that the user has already stay as they are, but
one of the two places must be free, or taken by an Inactive key that may be deleted. How an
old key ends is in the secret's tags, which the last three flags set and TagResource or a
template can set, too: iamd:rotation-grace, iamd:rotation-keep-inactive (durations such as
36h) and iamd:rotation-free-inactive (true or false). It needs a running server.`,
	own: []string{"json", "account", "secret", "region", "schedule", "grace", "keep-inactive", "free-inactive"},
	setup: func(flags *flag.FlagSet) func(context.Context, Env, []string) error {
		var f server.Folder
		folderFlags(flags, &f)
		var q server.RotatedUser
		asJSON := flags.Bool("json", false, "print JSON, for status one object per line")
		flags.StringVar(&q.Account, "account", "", "for user: the account's `ID` or name, if there are several")
		flags.StringVar(&q.Secret, "secret", "", "for user: the secret's `NAME`, if not access-key/USER")
		flags.StringVar(&q.Region, "region", "us-east-1", "for user: the `REGION` that the secret is in")
		flags.StringVar(&q.Schedule, "schedule", "rate(30 days)", "for user: `WHEN`, as rate() or cron() of Secrets Manager")
		flags.StringVar(&q.Grace, "grace", "", "for user: `HOW LONG` an old key stays Active, and then must not have been used\nbefore it goes Inactive, if not 24h")
		flags.StringVar(&q.KeepInactive, "keep-inactive", "", "for user: `HOW LONG` an Inactive key stays before it is deleted, if not 24h")
		flags.BoolFunc("free-inactive", "for user: delete an Inactive key of the user that is in the way of a new one",
			func(value string) error { q.FreeInactive = value; return nil })
		return func(ctx context.Context, env Env, args []string) error {
			switch {
			case len(args) == 1 && args[0] == "status":
				return withAdmin(env, f, func(a server.Admin) error { return rotateStatus(ctx, env.Stdout, a, *asJSON) })
			case len(args) == 2 && args[0] == "user":
				q.User = args[1]
				if q.Secret == "" {
					q.Secret = "access-key/" + q.User
				}
				return withAdmin(env, f, func(a server.Admin) error { return rotateUser(ctx, env.Stdout, a, q, *asJSON) })
			}
			return usageError("rotate takes one of: status, user NAME")
		}
	},
}

// rotateStatus prints every key, a page at a time.
func rotateStatus(ctx context.Context, to io.Writer, a server.Admin, asJSON bool) error {
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	lines := json.NewEncoder(to)
	if !asJSON {
		fmt.Fprintln(w, "KEY\tACCOUNT\tUSER\tSTATUS\tAGE\tLAST USED\tSECRET\tNEXT ROTATION\tNOTE")
	}
	for after := ids.KeyID(""); ; {
		list, err := a.AccessKeys(ctx, after)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return w.Flush()
		}
		for i := range list {
			if asJSON {
				err = lines.Encode(&list[i])
			} else {
				err = printKey(w, &list[i])
			}
			if err != nil {
				return err
			}
		}
		after = list[len(list)-1].ID
	}
}

func printKey(w io.Writer, k *server.KeyInfo) error {
	user, status, used, secret, next, note := k.User, "Inactive", "never", "-", "-", k.Doing
	if user == "" {
		user = "(root)"
	}
	if k.Active {
		status = "Active"
	}
	if u := k.LastUsed; u != nil {
		used = fmt.Sprintf("%s %s %s %s", u.Date.Time().Format(time.RFC3339), u.Service, u.Region, u.Source)
	}
	if k.Secret != "" {
		secret = k.Secret
	}
	if !k.Next.IsZero() {
		next = k.Next.Format(time.RFC3339)
	}
	if k.Failure != "" {
		note = "failed: " + k.Failure
	}
	_, err := fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", string(k.ID), string(k.Account), user, status, age(k.Created), used, secret, next, note)
	return err
}

// age is how long something has been there, in days or, on the first one, less.
func age(since time.Time) string {
	const day = 24 * time.Hour
	d := time.Since(since)
	if d < day {
		return d.Truncate(time.Second).String()
	}
	return fmt.Sprintf("%dd", d/day)
}

func rotateUser(ctx context.Context, to io.Writer, a server.Admin, q server.RotatedUser, asJSON bool) error {
	out, err := a.RotateUser(ctx, q)
	if err != nil {
		return err
	}
	if asJSON {
		err = json.NewEncoder(to).Encode(out)
	} else {
		_, err = fmt.Fprintf(to, "secret         %s\naccess key     %s\nnext rotation  %s\n", out.Secret, string(out.Key), out.Next.Format(time.RFC3339))
	}
	if err == nil && out.Failure != "" {
		err = errors.New(out.Failure)
	}
	return err
}
