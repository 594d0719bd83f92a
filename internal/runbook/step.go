package runbook

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/client"
)

// step does one step, for each of its items, and puts what it comes to into the scope.
func (x *run) step(ctx context.Context, s *Step) error {
	x.steps[s.ID] = nil
	if !s.ForEach.given() {
		result, err := x.item(ctx, s, s.ID, x.scope)
		if err == nil {
			x.steps[s.ID] = result
		}
		return err
	}
	items, u, err := x.items(s)
	if err != nil {
		return fmt.Errorf("step %s: %w", s.ID, err)
	}
	if u != nil {
		x.plan(s, x.scope, *u)
		x.steps[s.ID] = unknown{s.ID}
		return nil
	}
	results := []any{}
	for i, item := range items {
		scope := x.inner(map[string]any{"item": item, "index": i})
		result, err := x.item(ctx, s, fmt.Sprintf("%s[%d]", s.ID, i), scope)
		if result != nil {
			results = append(results, result)
			x.steps[s.ID] = results
		}
		if err != nil {
			return err
		}
	}
	x.steps[s.ID] = results
	if slices.ContainsFunc(results, func(r any) bool { _, planned := r.(unknown); return planned }) {
		x.steps[s.ID] = unknown{s.ID}
	}
	return nil
}

// inner is the run's scope with more in it.
func (x *run) inner(more map[string]any) scope {
	inner := scope{}
	for name, value := range x.scope {
		inner[name] = value
	}
	for name, value := range more {
		inner[name] = value
	}
	return inner
}

// items is the list that a step goes through.
func (x *run) items(s *Step) ([]any, *unknown, error) {
	out, err := s.ForEach.eval(x.scope)
	if err != nil {
		return nil, nil, err
	}
	switch out := out.(type) {
	case unknown:
		return nil, &out, nil
	case nil:
		return nil, nil, nil
	case []any:
		if len(out) > maxItems {
			return nil, nil, fmt.Errorf("for-each: there are over %d items", maxItems)
		}
		return out, nil, nil
	}
	return nil, nil, fmt.Errorf("for-each: %s: is no list", s.ForEach.text)
}

// item does a step once. Key is its name in the journal.
func (x *run) item(ctx context.Context, s *Step, key string, scope scope) (any, error) {
	if e := x.replayed(key); e != nil {
		x.mask.add(e.Secrets...)
		x.tell(&StepReport{ID: s.ID, Item: x.mask.tree(scope["item"]), Call: s.Call, Status: Succeeded, Before: true,
			Attempts: e.Tries, Started: e.At, Ended: e.Until, Result: x.mask.tree(e.Result)})
		return e.Result, nil
	}
	if s.When.given() {
		yes, u, err := s.When.truth(scope)
		switch {
		case err != nil:
			return nil, fmt.Errorf("step %s: when: %w", s.ID, err)
		case u != nil:
			x.plan(s, scope, *u)
			return unknown{s.ID}, nil
		case !yes:
			now := x.Now().UTC()
			x.tell(&StepReport{ID: s.ID, Item: x.mask.tree(scope["item"]), Call: s.Call, Status: Skipped, Started: now, Ended: now})
			return nil, nil
		}
	}
	if s.Set.given {
		return x.set(s, scope)
	}
	if err := x.goOn(ctx, s.ID); err != nil {
		return nil, err
	}
	if s.Fail.given {
		return nil, x.fails(s, scope)
	}
	return x.call(ctx, s, key, scope)
}

func (x *run) set(s *Step, scope scope) (any, error) {
	value, err := s.Set.eval(scope)
	if err != nil {
		return nil, fmt.Errorf("step %s: %w", s.ID, err)
	}
	now := x.Now().UTC()
	x.tell(&StepReport{ID: s.ID, Status: Succeeded, Started: now, Ended: now, Result: x.mask.tree(shown(value))})
	return value, nil
}

// replayed is what a step came to before the run was resumed, if it was done.
func (x *run) replayed(key string) *entry {
	if x.journal == nil || !x.report.Resumed {
		return nil
	}
	return x.journal.done[key]
}

// goOn says why nothing more is to be done: the run failed before it was resumed, or is
// interrupted. Clean-up goes on all the same.
func (x *run) goOn(ctx context.Context, id string) error {
	var failed *entry
	if x.journal != nil && x.report.Resumed {
		failed = x.journal.failed
	}
	switch {
	case x.cleanup:
		return nil
	case failed != nil && failed.Status == Interrupted:
		return errInterrupted
	case failed != nil:
		return errors.New(failed.Error)
	case ctx.Err() != nil:
		return fmt.Errorf("%w before step %s", errInterrupted, id)
	}
	return nil
}

func (x *run) fails(s *Step, scope scope) error {
	reason, err := s.Fail.eval(scope)
	if err == nil {
		text, _ := textOf(plain(reason))
		err = errors.New(text)
	}
	now := x.Now().UTC()
	if x.report.DryRun {
		err = fmt.Errorf("it would fail: %w", err)
	}
	x.tell(&StepReport{ID: s.ID, Status: Failed, Started: now, Ended: now, Error: x.mask.text(err.Error())})
	return fmt.Errorf("step %s: %w", s.ID, err)
}

// tell puts a step that is over into the report.
func (x *run) tell(r *StepReport) {
	x.report.Steps = append(x.report.Steps, r)
	if x.Progress != nil {
		x.Progress(r, true)
	}
}

// plan notes a step that a dry run does not do, since what it takes is not known.
func (x *run) plan(s *Step, scope scope, u unknown) {
	now := x.Now().UTC()
	x.tell(&StepReport{ID: s.ID, Item: x.mask.tree(scope["item"]), Call: s.Call, Status: Planned, Started: now, Ended: now, Parameters: u.String()})
}

// call calls a step's operation.
func (x *run) call(ctx context.Context, s *Step, key string, scope scope) (any, error) {
	report := &StepReport{ID: s.ID, Item: x.mask.tree(scope["item"]), Call: s.Call, Started: x.Now().UTC()}
	if x.Progress != nil {
		x.Progress(report, false)
	}
	result, err := x.prepared(ctx, s, key, scope, report)
	report.Ended = x.Now().UTC()
	report.Result = x.mask.tree(result)
	switch {
	case report.Status == Planned:
		report.Result = nil
	case err != nil:
		report.Status, report.Error = Failed, x.mask.text(err.Error())
		err = fmt.Errorf("step %s: %w", key, err)
	default:
		report.Status = Succeeded
	}
	x.tell(report)
	return result, err
}

// prepared works out what to call with, and calls unless it is a dry run that would change something.
func (x *run) prepared(ctx context.Context, s *Step, key string, scope scope, report *StepReport) (any, error) {
	with, err := s.With.eval(scope)
	if err != nil {
		return nil, err
	}
	regions, u, err := x.regions(s, scope)
	if err != nil {
		return nil, err
	}
	report.Parameters = x.mask.tree(shown(with))
	tree, _ := with.(map[string]any)
	if u != nil || hasUnknown(with) {
		report.Status = Planned
		return unknown{s.ID}, nil
	}
	in, err := client.Input(s.operation.Service, s.operation.Operation, tree, x.token(key))
	if err != nil {
		return nil, err
	}
	x.mask.add(client.Secrets(in)...)
	report.Parameters = x.mask.tree(shown(with))
	if x.report.DryRun && !client.Reads(s.operation.Operation) {
		report.Status = Planned
		return unknown{s.ID}, nil
	}
	c := call{run: x, step: s, key: key, scope: scope, report: report, regions: regions, request: s.operation}
	c.request.Input = in
	return c.do(ctx)
}

// regions are those that a step calls in.
func (x *run) regions(s *Step, scope scope) ([]string, *unknown, error) {
	value := s.Region
	if s.Regions.given {
		value = s.Regions
	}
	out, err := value.eval(scope)
	if err != nil {
		return nil, nil, err
	}
	var asked []string
	switch out := out.(type) {
	case unknown:
		return nil, &out, nil
	case string:
		asked = strings.Split(out, ",")
	case []any:
		for _, r := range out {
			asked = append(asked, fmt.Sprint(r))
		}
	}
	regions, err := x.Client.Regions(s.operation.Service, asked)
	if err == nil && len(regions) > 1 && !s.Regions.given {
		err = errors.New("region is one region; regions are several")
	}
	return regions, nil, err
}

func hasUnknown(v any) bool {
	switch v := v.(type) {
	case unknown:
		return true
	case []any:
		return slices.ContainsFunc(v, hasUnknown)
	case map[string]any:
		for _, inner := range v {
			if hasUnknown(inner) {
				return true
			}
		}
	}
	return false
}

// shown makes of what is not known what a plan says of it.
func shown(v any) any {
	switch v := v.(type) {
	case unknown:
		return v.String()
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = shown(v[i])
		}
		return list
	case map[string]any:
		m := make(map[string]any, len(v))
		for key := range v {
			m[key] = shown(v[key])
		}
		return m
	}
	return plain(v)
}

// accepted is the reply that stands for an error which is as good as success.
func accepted(s *Step, err error) (map[string]any, bool) {
	e, ok := errors.AsType[*awserr.Error](err)
	if !ok || !slices.Contains(s.Accept, e.Code) {
		return nil, false
	}
	return map[string]any{"Error": map[string]any{"Code": e.Code, "Message": e.Message}}, true
}

// pause waits, or says that the run is interrupted.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return errInterrupted
	case <-time.After(d):
		return nil
	}
}
