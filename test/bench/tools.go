package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"net/http"
	"os"
	"sync/atomic"
	"time"

	"github.com/iamd-project/iamd/test/bench/limit"
	"github.com/iamd-project/iamd/test/bench/load"
)

// runLoad puts load on a server that is running: bench load -op GetUser -fill 1000 -clients 32.
func runLoad(ctx context.Context, args []string) error {
	var t load.Target
	var c load.Config
	f := flag.NewFlagSet("load", flag.ExitOnError)
	f.StringVar(&t.Endpoint, "endpoint", "http://127.0.0.1:4566", "where the server is")
	f.StringVar(&t.AccessKey, "access-key", limit.ExampleKey, "access key id")
	f.StringVar(&t.SecretKey, "secret-key", limit.ExampleSecret, "secret access key")
	f.IntVar(&t.PID, "server-pid", 0, "process whose CPU and memory are reported")
	op := f.String("op", string(load.GetCallerIdentity), "operation")
	f.IntVar(&c.Clients, "clients", 32, "concurrent clients")
	f.DurationVar(&c.Warmup, "warmup", time.Second, "untimed run first")
	f.DurationVar(&c.Duration, "duration", 5*time.Second, "timed run")
	f.StringVar(&c.Prefix, "prefix", "user-", "names of the users that are asked for")
	f.IntVar(&c.Users, "users", 100, "how many of them there are")
	f.IntVar(&c.Fresh, "fresh", 0, "users made beforehand for CreateAccessKey")
	fill := f.Bool("fill", false, "first make the users, with two keys each")
	if err := f.Parse(args); err != nil {
		return err
	}
	var err error
	if c.Op, err = load.ParseOp(*op); err != nil {
		return err
	}
	if *fill {
		if err := load.Fill(ctx, t, c.Prefix, c.Users, new(atomic.Int64)); err != nil {
			return err
		}
	}
	result, err := load.Run(ctx, t, c)
	if err != nil {
		return err
	}
	out := json.NewEncoder(os.Stdout)
	out.SetIndent("", "  ")
	return out.Encode(result)
}

// runCeiling serves a limit.Ceiling until ctx ends.
func runCeiling(ctx context.Context, args []string) error {
	var c limit.Ceiling
	f := flag.NewFlagSet("ceiling", flag.ExitOnError)
	listen := f.String("listen", "127.0.0.1:4567", "address")
	f.IntVar(&c.ReplyBytes, "reply-bytes", 600, "size of the reply's body")
	f.BoolVar(&c.Verify, "verify", false, "verify SigV4 (AWS's example key) and parse the form first")
	path := f.String("log", "", "append a record to this file, durably, first")
	if err := f.Parse(args); err != nil {
		return err
	}
	if *path != "" {
		var err error
		if c.Log, err = limit.OpenLog(*path); err != nil {
			return err
		}
	}
	server := &http.Server{Addr: *listen, Handler: c.Handler()}
	defer context.AfterFunc(ctx, func() { server.Close() })()
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
