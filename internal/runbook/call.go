package runbook

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/client"
)

// call is one step's call, which is made until it is settled.
type call struct {
	*run
	step    *Step
	key     string
	scope   scope
	report  *StepReport
	regions []string
	request client.Request
	secrets []string
}

// do makes the call, as often as the step says, with its beginning and its end in the journal.
func (c *call) do(ctx context.Context) (any, error) {
	writes := !client.Reads(c.request.Operation)
	if writes && c.journal != nil {
		if c.journal.started[c.key] && c.report.Attempts == 0 {
			if err := c.doubt(ctx); err != nil {
				return nil, err
			}
		}
		if err := c.journal.write(&entry{Kind: "start", Step: c.key, At: c.report.Started}); err != nil {
			return nil, err
		}
	}
	result, err := c.until(ctx)
	if err != nil {
		return nil, err
	}
	return result, c.journal.write(&entry{
		Kind: "done", Step: c.key, At: c.report.Started, Until: c.Now().UTC(), Result: result, Secrets: c.secrets, Tries: c.report.Attempts,
	})
}

// doubt gets ready to repeat a call that may have been carried out.
func (c *call) doubt(ctx context.Context) error {
	switch d := c.step.IfInterrupted; {
	case d != nil:
		for _, s := range d.First {
			if err := c.run.recover(ctx, s, c.scope); err != nil {
				return err
			}
		}
		return nil
	case c.Repeat || hasToken(c.request.Input):
		return nil
	}
	return &undecided{c.key}
}

func hasToken(in any) bool {
	return slices.ContainsFunc(client.Members(in), func(m client.Member) bool { return m.Token })
}

// recover does a step that comes before a repetition. It is in no journal: it does no harm
// when it is done twice.
func (x *run) recover(ctx context.Context, s *Step, scope scope) error {
	y := *x
	y.journal, y.scope = nil, scope
	return y.step(ctx, s)
}

// until makes the call until its reply is as wait-until wants it.
func (c *call) until(ctx context.Context) (any, error) {
	w := c.step.WaitUntil
	if w == nil || c.run.report.DryRun {
		return c.attempts(ctx)
	}
	end := c.Now().Add(w.Timeout.or(5 * time.Minute))
	for {
		result, err := c.attempts(ctx)
		if err != nil {
			return nil, err
		}
		inner := scope{}
		for name, value := range c.scope {
			inner[name] = value
		}
		inner["result"] = result
		yes, _, err := w.Condition.truth(inner)
		if err != nil {
			return nil, fmt.Errorf("wait-until: %w", err)
		}
		if yes {
			return result, nil
		}
		every := w.Every.or(2 * time.Second)
		if !c.Now().Add(every).Before(end) {
			return nil, fmt.Errorf("wait-until: %s: was not true within %s", w.Condition.text, w.Timeout.or(5*time.Minute))
		}
		if err := pause(ctx, every); err != nil {
			return nil, err
		}
	}
}

// attempts makes the call until it succeeds, or fails in a way that stays.
func (c *call) attempts(ctx context.Context) (any, error) {
	retry := Retry{Attempts: 1}
	if c.step.Retry != nil {
		retry = *c.step.Retry
	}
	delay := retry.Delay.or(time.Second)
	for n := 1; ; n++ {
		c.report.Attempts++
		result, err := c.once(ctx)
		if err == nil {
			return result, nil
		}
		if n >= retry.Attempts || !c.again(err, &retry) {
			return nil, err
		}
		if err := pause(ctx, delay); err != nil {
			return nil, err
		}
		delay = min(2*delay, retry.MaxDelay.or(30*time.Second))
		if _, doubtful := errors.AsType[*client.Doubtful](err); doubtful {
			if err := c.doubt(ctx); err != nil {
				return nil, err
			}
		}
	}
}

// again reports whether an error may be gone the next time.
func (c *call) again(err error, retry *Retry) bool {
	if _, doubtful := errors.AsType[*client.Doubtful](err); doubtful {
		return c.step.IfInterrupted != nil
	}
	e, ok := errors.AsType[*awserr.Error](err)
	if !ok {
		return true
	}
	if retry.On == nil {
		return client.Busy(err) || e.Status >= 500
	}
	return slices.Contains(retry.On, e.Code)
}

// once calls in each region. It is not cut short by an interruption, which would leave it
// unknown whether the call was carried out; the client bounds its time.
func (c *call) once(ctx context.Context) (any, error) {
	ask := c.Client.Call
	if c.step.AllPages {
		ask = c.Client.CallAll
	}
	answers := c.Client.Everywhere(context.WithoutCancel(ctx), c.request, c.regions, ask)
	results := map[string]any{}
	for _, a := range answers {
		tree, ok := accepted(c.step, a.Err)
		switch {
		case ok:
			results[a.Region] = tree
		case a.Err != nil && c.step.Regions.given:
			return nil, fmt.Errorf("%s: %w", a.Region, a.Err)
		case a.Err != nil:
			return nil, a.Err
		default:
			secrets := client.Secrets(a.Reply.Output)
			c.mask.add(secrets...)
			c.secrets = append(c.secrets, secrets...)
			results[a.Region] = a.Reply.Tree()
		}
	}
	if c.step.Regions.given {
		return results, nil
	}
	return results[c.regions[0]], nil
}
