package cli

import (
	"context"
	"flag"
	"io"
	"log/slog"
	"os"
	"runtime/debug"
	"time"

	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/server"
)

var serveCommand = command{
	name:  "serve",
	short: "run the server",
	about: `
Serves IAM and STS until it is told to stop (Ctrl-C or SIGTERM).

The first start makes an account with a root access key, and writes AWS-style
credentials and config files for it into the data folder:

  eval "$(iamd env)"
  aws iam create-user --user-name Bob

Secrets are sealed with a master key. It is read from IAMD_MASTER_KEY or
--master-key-file, and otherwise made in the data folder. Keep a copy apart:
without it the data cannot be read.

With --ephemeral, IAMD_ROOT_ACCESS_KEY_ID and IAMD_ROOT_SECRET_ACCESS_KEY choose
the root access key.`,
	setup: func(flags *flag.FlagSet) func(context.Context, Env, []string) error {
		var c server.Config
		folderFlags(flags, &c.Folder)
		asked := authorityFlags(flags, &c.Authority)
		listen := repeated(flags, "listen", "`ADDRESS` to serve on, as host:port; repeatable", server.DefaultListen)
		publicURLs := repeated(flags, "public-url", "`URL` that clients use when a proxy rewrites the Host header; repeatable")
		proxies := repeated(flags, "trusted-proxy", "`ADDRESS` or CIDR block whose X-Forwarded-For is believed; repeatable")
		quotas := repeated(flags, "quota", "limit other than AWS's default, as `NAME=N` with the name in the LimitExceeded error; repeatable")
		flags.BoolVar(&c.Folder.Ephemeral, "ephemeral", false, "keep everything in memory, and nothing afterwards")
		account := flags.String("account", string(server.DefaultAccount), "`ID` of the account that the first start makes: 12 digits")
		flags.StringVar(&c.TLSCert, "tls-cert", "", "PEM `FILE` with the certificate chain to serve HTTPS with")
		flags.StringVar(&c.TLSKey, "tls-key", "", "PEM `FILE` with the certificate's private key")
		flags.BoolVar(&c.InsecureListen, "insecure-listen", false, "allow plain HTTP on an address that is not loopback")
		flags.BoolVar(&c.EndSessionsWithKey, "end-sessions-with-key", false, "end sessions when the access key that asked for them is deactivated or deleted; on AWS they go on")
		flags.BoolVar(&c.NoCredentialsFile, "no-credentials-file", false, "show the first root key, and do not write it into the data folder")
		flags.StringVar(&c.AuditLog, "audit-log", "", "where audit records go: - for standard output, or nothing for files in the data folder")
		logFormat := flags.String("log-format", "text", "`FORMAT` of the log on standard error: text or json")
		return func(ctx context.Context, env Env, args []string) (err error) {
			if len(args) > 0 {
				return usageError("serve takes no arguments, only flags: %q", args[0])
			}
			if c.Account, err = ids.ParseAccount(*account); err != nil {
				return usageError("--account: %w", err)
			}
			if c.Log, err = logger(env.Stderr, *logFormat); err != nil {
				return err
			}
			c.Listen, c.PublicURLs, c.TrustedProxies, c.Quotas = listen.values, publicURLs.values, proxies.values, quotas.values
			c.Authority.Listen = asked.values
			readKeys(&c.Folder, env)
			c.RootKeyID, _ = env.Getenv("IAMD_ROOT_ACCESS_KEY_ID")
			c.RootSecret, _ = env.Getenv("IAMD_ROOT_SECRET_ACCESS_KEY")
			c.Version, c.Stdout, c.Stderr, c.Terminal = env.Version, env.Stdout, env.Stderr, isTerminal(env.Stdout)
			c.Now = time.Now
			if err := c.Check(); err != nil {
				return &exit{exitUsage, err}
			}
			tuneGC(env)
			return server.Run(ctx, c)
		}
	},
}

// authorityFlags are the flags of the listeners for other servers, whose addresses are
// returned.
func authorityFlags(flags *flag.FlagSet, a *server.Authority) *list {
	flags.StringVar(&a.TokenFile, "authority-token-file", "", "`FILE` with the tokens that other servers show to ask, one a line")
	flags.StringVar(&a.ClientCA, "authority-client-ca", "", "PEM `FILE` with the authorities that sign the certificates of other servers")
	flags.BoolVar(&a.RecordAllowed, "authority-record-allowed", false, "keep audit records also of what other servers are told to allow")
	return repeated(flags, "authority-listen", "`ADDRESS` where other servers ask whose a request is and what it may do, as host:port; repeatable")
}

// folderFlags are the flags of every command that opens a data folder.
func folderFlags(flags *flag.FlagSet, f *server.Folder) {
	dataFlag(flags, &f.Path)
	flags.StringVar(&f.MasterKeyFile, "master-key-file", "", "`FILE` with the master key, if it is not in the data folder")
}

// readKeys takes the master keys that are in the environment.
func readKeys(f *server.Folder, env Env) {
	f.MasterKey, _ = env.Getenv("IAMD_MASTER_KEY")
	f.NewMasterKey, _ = env.Getenv("IAMD_NEW_MASTER_KEY")
}

func dataFlag(flags *flag.FlagSet, path *string) {
	flags.StringVar(path, "data", "./iamd-data", "data `FOLDER`")
}

func logger(w io.Writer, format string) (*slog.Logger, error) {
	switch format {
	case "text":
		return slog.New(slog.NewTextHandler(w, nil)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(w, nil)), nil
	}
	return nil, usageError("--log-format: %q is neither text nor json", format)
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	st, err := f.Stat()
	return err == nil && st.Mode()&os.ModeCharDevice != 0
}

// tuneGC trades memory for less collecting, which is a tenth of the work of a
// busy server. The limit keeps what the caches hold from being multiplied. GOGC
// and GOMEMLIMIT, when set, are left alone.
func tuneGC(env Env) {
	if _, set := env.Getenv("GOGC"); !set {
		debug.SetGCPercent(400)
	}
	if _, set := env.Getenv("GOMEMLIMIT"); !set {
		debug.SetMemoryLimit(256 << 20)
	}
}
