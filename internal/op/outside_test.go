package op_test

import (
	"context"
	"errors"
	"testing"

	"github.com/iamd-project/iamd/internal/op"
)

// call runs run as the gateway does, and counts how often.
func call(t *testing.T, run func(*op.Call) error) (runs int, err error) {
	t.Helper()
	var work op.Work
	for again := true; again; runs++ {
		again, err = work.Do(t.Context(), run(&op.Call{Work: &work}))
	}
	return runs, err
}

func TestOutside(t *testing.T) {
	worked := 0
	double := func(c *op.Call, n int) (int, error) {
		return op.Outside(c, n, func(context.Context) (int, error) { worked++; return 2 * n, nil })
	}
	runs, err := call(t, func(c *op.Call) error {
		a, err := double(c, 20)
		if err != nil {
			return err
		}
		b, err := double(c, 1)
		if err == nil && a+b != 42 {
			t.Errorf("the work made %d and %d", a, b)
		}
		return err
	})
	if err != nil || runs != 3 || worked != 2 {
		t.Errorf("%d runs did %d pieces of work: %v; want 3 and 2", runs, worked, err)
	}
}

func TestOutsideFails(t *testing.T) {
	refusal := errors.New("refused")
	if runs, err := call(t, func(*op.Call) error { return refusal }); runs != 1 || !errors.Is(err, refusal) {
		t.Errorf("an error that asks for no work: %d runs, %v", runs, err)
	}
	runs, err := call(t, func(c *op.Call) error {
		_, err := op.Outside(c, "key", func(context.Context) (int, error) { return 0, refusal })
		return err
	})
	if runs != 1 || !errors.Is(err, refusal) {
		t.Errorf("work that fails: %d runs, %v", runs, err)
	}
	next := 0
	runs, err = call(t, func(c *op.Call) error {
		next++
		_, err := op.Outside(c, next, func(context.Context) (int, error) { return 0, nil })
		return err
	})
	if runs != 101 || err == nil {
		t.Errorf("work without end: %d runs, %v", runs, err)
	}
}
