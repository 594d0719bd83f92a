// Package load sends AWS Query requests to an IAM and STS endpoint in a closed loop: each client has one
// connection and waits for a reply before it sends the next request. Every request is signed for real.
// The first reply that is not 200 ends a run with its error: a figure is about successes only.
package load

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/iamd-project/iamd/test/bench/proc"
)

// Target is a server under load.
type Target struct {
	Endpoint             string // http://host:port
	AccessKey, SecretKey string
	PID                  int // whose CPU time and memory are reported; 0 for nobody's
}

// Config is one run.
type Config struct {
	Op       Op
	Clients  int
	Warmup   time.Duration // the same, before, untimed
	Duration time.Duration

	// GetUser and ListAccessKeys ask for Users users named UserName(Prefix, i), which Fill has made.
	Prefix string
	Users  int

	// Fresh users are made before CreateAccessKey is timed. Should they run out, the clients make more,
	// and lose time by it.
	Fresh int
}

// run is a Config with what its workers share.
type run struct {
	Config
	workers []*worker
	fresh   chan string  // users without keys
	extra   atomic.Int64 // users made in the timed window
}

// Run does one run.
func Run(ctx context.Context, t Target, c Config) (Result, error) {
	workers, err := newWorkers(t, c.Clients)
	if err != nil {
		return Result{}, err
	}
	defer closeAll(workers)
	r := &run{Config: c, workers: workers, fresh: make(chan string, c.Fresh)}
	if err := r.makeFresh(ctx); err != nil {
		return Result{}, err
	}
	if err := r.loop(ctx, c.Warmup); err != nil {
		return Result{}, err
	}
	r.forget()
	runtime.GC()

	meter, start := proc.Start(t.PID), time.Now()
	if err := r.loop(ctx, c.Duration); err != nil {
		return Result{}, err
	}
	wall := time.Since(start)
	return r.result(wall, meter.Stop()), nil
}

// Call sends one request and returns the reply's body.
func Call(t Target, op Op, user string) ([]byte, error) {
	workers, err := newWorkers(t, 1)
	if err != nil {
		return nil, err
	}
	defer closeAll(workers)
	return workers[0].call(op, user)
}

// Ask sends a request of one's own to IAM and returns the reply's body.
func Ask(t Target, form url.Values) ([]byte, error) { return ask(t, "iam", "2010-05-08", form) }

func ask(t Target, service, version string, form url.Values) ([]byte, error) {
	workers, err := newWorkers(t, 1)
	if err != nil {
		return nil, err
	}
	defer closeAll(workers)
	form.Set("Version", version)
	workers[0].form = []byte(form.Encode())
	body, err := workers[0].send(service, "")
	if err != nil {
		return nil, fmt.Errorf("%s: %w", form.Get("Action"), err)
	}
	return body, nil
}

func newWorkers(t Target, n int) ([]*worker, error) {
	u, err := url.Parse(t.Endpoint)
	if err != nil {
		return nil, err
	}
	if u.Scheme != "http" || u.Host == "" || n < 1 {
		return nil, errors.New("load: want an http:// endpoint and at least one client")
	}
	workers := make([]*worker, n)
	for i := range workers {
		workers[i] = newWorker(t, u, uint64(i+1))
	}
	return workers, nil
}

func closeAll(workers []*worker) {
	for _, w := range workers {
		w.conn.close()
	}
}

func (r *run) makeFresh(ctx context.Context) error {
	var left atomic.Int64
	left.Store(int64(r.Fresh))
	return each(ctx, r.workers, func(w *worker) (bool, error) {
		if left.Add(-1) < 0 {
			return false, nil
		}
		name := newName()
		_, err := w.call(CreateUser, name)
		r.fresh <- name
		return true, err
	})
}

// loop lets every worker send for that long, and once at least.
func (r *run) loop(ctx context.Context, d time.Duration) error {
	start := time.Now()
	return each(ctx, r.workers, func(w *worker) (bool, error) {
		if len(w.latencies) > 0 && time.Since(start) >= d {
			return false, nil
		}
		return true, w.timed(r)
	})
}

// forget drops what the warm-up measured.
func (r *run) forget() {
	r.extra.Store(0)
	for _, w := range r.workers {
		w.latencies = w.latencies[:0]
	}
}

// each lets every worker call f until it says false, one fails, or ctx ends.
func each(ctx context.Context, workers []*worker, f func(*worker) (bool, error)) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var stopped atomic.Bool // cheaper to ask than ctx
	defer context.AfterFunc(ctx, func() { stopped.Store(true) })()
	var wg sync.WaitGroup
	for _, w := range workers {
		wg.Go(func() {
			for !stopped.Load() {
				more, err := f(w)
				if err != nil {
					cancel(err)
				}
				if err != nil || !more {
					return
				}
			}
		})
	}
	wg.Wait()
	return context.Cause(ctx)
}
