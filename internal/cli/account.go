package cli

import (
	"context"
	"flag"
	"fmt"
	"text/tabwriter"

	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/server"
)

var accountCommand = command{
	name:  "account",
	args:  "create NAME | list | root-key NAME|ID",
	short: "make and list accounts, and access keys of their root users",
	about: `
"iamd account create NAME" makes an account of its own, and shows its root user's
access key this once.

"iamd account list" prints each account's ID, name, address, state and number of
root access keys.

"iamd account root-key NAME|ID" makes another access key for an account's root user,
also when there is none left; there may be two. It shows the key this once.

All of them work while the server runs.`,
	own: []string{"email", "account"},
	setup: func(flags *flag.FlagSet) func(context.Context, Env, []string) error {
		var f server.Folder
		folderFlags(flags, &f)
		var n server.NewAccount
		flags.StringVar(&n.Email, "email", "", "for create: the account's `ADDRESS`, if not one that is made up")
		account := flags.String("account", "", "for create: the account's `ID`, 12 digits, if not a random one")
		return func(ctx context.Context, env Env, args []string) error {
			do, err := accountWord(args)
			if err != nil {
				return err
			}
			if args[0] != "create" && (n.Email != "" || *account != "") {
				return usageError("account %s takes neither --email nor --account", args[0])
			}
			if *account != "" {
				if n.ID, err = ids.ParseAccount(*account); err != nil {
					return usageError("--account: %w", err)
				}
			}
			return withAdmin(env, f, func(a server.Admin) error { return do(ctx, env, a, args[1:], n) })
		}
	},
}

// accountDo is what one word after "iamd account" does.
type accountDo func(ctx context.Context, env Env, a server.Admin, args []string, n server.NewAccount) error

// accountWord finds what the words after "iamd account" ask for.
func accountWord(args []string) (accountDo, error) {
	words := map[string]struct {
		args int
		do   accountDo
	}{
		"create":   {1, createAccount},
		"list":     {0, listAccounts},
		"root-key": {1, createRootKey},
	}
	if len(args) == 0 {
		return nil, usageError("account: it takes one of: create, list, root-key")
	}
	word, ok := words[args[0]]
	if !ok {
		return nil, usageError("account: unknown word %q; it takes one of: create, list, root-key", args[0])
	}
	if len(args)-1 != word.args {
		return nil, usageError("account %s takes %d arguments, not %d", args[0], word.args, len(args)-1)
	}
	return word.do, nil
}

func createAccount(ctx context.Context, env Env, a server.Admin, args []string, n server.NewAccount) error {
	n.Name = args[0]
	key, err := a.CreateAccount(ctx, n)
	if err != nil {
		return err
	}
	key.Show(env.Stdout)
	return nil
}

func createRootKey(ctx context.Context, env Env, a server.Admin, args []string, _ server.NewAccount) error {
	key, err := a.CreateRootKey(ctx, args[0])
	if err != nil {
		return err
	}
	key.Show(env.Stdout)
	return nil
}

func listAccounts(ctx context.Context, env Env, a server.Admin, _ []string, _ server.NewAccount) error {
	w := tabwriter.NewWriter(env.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tNAME\tADDRESS\tSTATE\tROOT KEYS")
	for after := ids.Account(""); ; {
		list, err := a.Accounts(ctx, after)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return w.Flush()
		}
		for _, account := range list {
			state := "open"
			if account.Closed {
				state = "closed"
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%d\n", string(account.ID), account.Name, account.Email, state, account.RootKeys)
		}
		after = list[len(list)-1].ID
	}
}
