package runbook

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/iamd-project/iamd/internal/client"
)

// A Runner runs runbooks.
type Runner struct {
	Client   *client.Client
	Now      func() time.Time
	Progress func(s *StepReport, ended bool) // told of each step when it begins and when it ends
	Repeat   bool                            // repeat a call of which it is not known whether it was carried out
}

var errInterrupted = errors.New("interrupted")

// undecided is an error that leaves the run as it is, for somebody to look.
type undecided struct{ step string }

func (e *undecided) Error() string {
	return fmt.Sprintf("step %s was cut short, and it is not known whether it was carried out: look, and then resume with --repeat if it is to be done again", e.step)
}

// run is one run of a runbook.
type run struct {
	*Runner
	book    *Runbook
	journal *Journal // nil for a dry run
	scope   scope
	steps   map[string]any // in the scope
	report  *Report
	mask    *masker
	cleanup bool // the clean-up steps are being done
}

// Run runs a runbook with inputs made by Given, and returns what it did. The journal is a
// new one, or that of a run to go on with, whose inputs then count; it is nil for a dry run,
// which carries out only what changes nothing and plans the rest. When ctx is done, the
// present call is finished, no other is begun, and clean-up is done.
func (r *Runner) Run(ctx context.Context, book *Runbook, inputs map[string]any, journal *Journal) *Report {
	x := &run{Runner: r, book: book, journal: journal, steps: map[string]any{}, mask: &masker{}}
	x.report = &Report{Runbook: book.Name, DryRun: journal == nil, Started: r.Now().UTC(), Status: Succeeded, Steps: []*StepReport{}}
	if err := x.begin(ctx, inputs); err != nil {
		x.report.over = journal != nil && journal.begun == nil // nothing was done
		x.end(err)
	} else {
		x.report.over = true
		x.all(ctx)
	}
	x.report.Ended = r.Now().UTC()
	return x.report
}

// begin notes what the run begins with, or reads what it began with.
func (x *run) begin(ctx context.Context, inputs map[string]any) error {
	now := x.report.Started
	if x.journal != nil {
		x.report.Run = x.journal.Run()
		caller, account, err := x.caller(ctx)
		if err != nil {
			return err
		}
		x.report.Caller = caller
		if b := x.journal.begun; b == nil {
			err = x.journal.write(&entry{Kind: "begin", At: now, Inputs: inputs, Caller: account})
		} else if b.Caller != account {
			return fmt.Errorf("the run began in account %s, and this is %s", b.Caller, account)
		} else {
			inputs, now, x.report.Resumed = b.Inputs, b.At, true
		}
		if err != nil {
			return err
		}
	}
	x.hideInputs(inputs)
	x.scope = scope{
		"inputs": inputs, "steps": x.steps, "now": now, "failed": false,
		"run": map[string]any{"id": x.report.Run, "resumed": x.report.Resumed},
	}
	x.report.Inputs, _ = x.mask.tree(inputs).(map[string]any)
	return nil
}

func (x *run) hideInputs(inputs map[string]any) {
	for _, name := range x.book.Inputs.Names {
		if text, ok := inputs[name].(string); ok && x.book.Inputs.Values[name].Type == "secret" {
			x.mask.add(text)
		}
	}
}

// caller asks who we are, so that a run does not go on in another account.
func (x *run) caller(ctx context.Context) (arn, account string, err error) {
	svc := client.Service("sts")
	op := client.Operation(svc, "GetCallerIdentity")
	regions, err := x.Client.Regions(svc, nil)
	if err != nil {
		return "", "", err
	}
	reply, err := x.Client.Call(ctx, client.Request{Service: svc, Operation: op, Region: regions[0], Input: op.Input()})
	if err != nil {
		return "", "", fmt.Errorf("asking who we are: %w", err)
	}
	tree := reply.Tree()
	return fmt.Sprint(tree["Arn"]), fmt.Sprint(tree["Account"]), nil
}

// all does the steps, then those of the clean-up, and works out the outputs.
func (x *run) all(ctx context.Context) {
	err := x.list(ctx, x.book.Steps)
	if u, ok := errors.AsType[*undecided](err); ok {
		x.end(u)
		return
	}
	x.scope["failed"] = err != nil
	if err != nil {
		err = errors.Join(err, x.journal.write(x.failure(err)))
	}
	x.cleanup = true
	for _, s := range x.book.Always {
		if e := x.step(context.WithoutCancel(ctx), s); e != nil {
			if u, ok := errors.AsType[*undecided](e); ok {
				x.end(u)
				return
			}
			err = errors.Join(err, fmt.Errorf("clean-up: %w", e))
		}
	}
	if err == nil {
		err = x.outputs()
	}
	x.end(err)
}

// failure is the entry that says why the steps came to an end.
func (x *run) failure(err error) *entry {
	e := &entry{Kind: "fail", At: x.Now().UTC(), Error: err.Error(), Status: Failed}
	if errors.Is(err, errInterrupted) {
		e.Status = Interrupted
	}
	return e
}

// list does steps until one fails, or until the one at which the run failed before.
func (x *run) list(ctx context.Context, steps []*Step) error {
	for _, s := range steps {
		if err := x.step(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

func (x *run) outputs() error {
	x.report.Outputs = map[string]any{}
	for _, name := range x.book.Outputs.Names {
		value, err := x.book.Outputs.Values[name].Value.eval(x.scope)
		if err != nil {
			return fmt.Errorf("output %s: %w", name, err)
		}
		x.report.Outputs[name] = x.mask.tree(plain(value))
	}
	return nil
}

// end says in the report how the run ended.
func (x *run) end(err error) {
	if err == nil {
		return
	}
	x.report.Status, x.report.Error = Failed, x.mask.text(err.Error())
	if _, ok := errors.AsType[*undecided](err); ok {
		x.report.Status, x.report.over = Undecided, false
	} else if errors.Is(err, errInterrupted) {
		x.report.Status = Interrupted
	}
}

// Over reports whether a run has come to its end, so that there is nothing to resume.
func (r *Report) Over() bool { return r.over }

// token is the client token of a step: the same when the step is done again by the same run.
func (x *run) token(key string) func() string {
	return func() string {
		sum := sha256.Sum256([]byte("iamd runbook " + x.report.Run + " " + key))
		return client.TokenOf([16]byte(sum[:16]))
	}
}

// plain makes what an expression came to one of JSON's values.
func plain(v any) any {
	switch v := v.(type) {
	case time.Time:
		return v.UTC().Format(time.RFC3339Nano)
	case time.Duration:
		return v.String()
	}
	return v
}
